// Clicks in our own markup become commands; everything else on the page is the browser's.
(() => {
  const NARROW = 900;
  const send = (data) => window.askmetricDoor && window.askmetricDoor(data);

  const fill = (text) => {
    const box = document.querySelector("#am-box textarea");
    if (!box) return;
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
    set.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    box.select();
  };

  const go = (page) => {
    const place = { ask: 0, actions: 1 }[page] ?? 0;
    document.querySelectorAll("#am-pages > .tab-wrapper [role=tab]")[place]?.click();
  };

  const closeMenus = (except) =>
    document.querySelectorAll("details.am-chip[open]").forEach((menu) => {
      if (menu !== except) menu.removeAttribute("open");
    });

  const openTab = (tab) => {
    tab.parentElement.querySelectorAll("[role=tab]").forEach((other) => {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      const pane = document.getElementById(other.getAttribute("aria-controls"));
      if (pane) pane.hidden = !chosen;
    });
  };

  const toggleForm = (button) => {
    const form = button.closest(".am-advice, .am-item, .am-feedback")?.querySelector("form");
    if (!form) return;
    form.hidden = !form.hidden;
    if (!form.hidden) form.querySelector("input, textarea")?.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    closeMenus(target.closest("details.am-chip"));
    const tab = target.closest(".am-tab");
    if (tab) return openTab(tab);
    const button = target.closest("button.am-button");
    if (!button || button.type === "submit") return;
    const data = button.dataset;
    if (data.toggle) return toggleForm(button);
    if (data.go) return go(data.go);
    if (data.fill !== undefined) { closeMenus(); return fill(data.fill); }
    if (!data.do) return;
    closeMenus();
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    send({ ...data });
    window.setTimeout(() => { button.disabled = false; button.removeAttribute("aria-busy"); }, 1500);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form.am-form");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button) button.disabled = true;
    send({ ...form.dataset, ...Object.fromEntries(new FormData(form)) });
  });

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.(".am-tab");
    if (event.key === "Escape") closeMenus();
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const all = [...tab.parentElement.querySelectorAll("[role=tab]")];
    const step = event.key === "ArrowRight" ? 1 : -1;
    const next = all[(all.indexOf(tab) + step + all.length) % all.length];
    openTab(next);
    next.focus();
  });

  // On a narrow screen the card lies below the chat: bring a new one into view.
  let shown = "";
  const watch = () => {
    const panel = document.querySelector("#am-panel");
    if (!panel) return window.requestAnimationFrame(watch);
    new MutationObserver(() => {
      const key = panel.querySelector(".am-card")?.dataset.answer || "";
      if (key && key !== shown) {
        if (window.innerWidth < NARROW) panel.scrollIntoView({ behavior: "smooth" });
        else panel.closest("#am-right")?.scrollTo({ top: 0 });
      }
      shown = key;
    }).observe(panel, { childList: true, subtree: true });
  };
  // Chromium keeps boxes where text was laid out before its font came: lay it out again.
  document.fonts.addEventListener("loadingdone", () => document.documentElement.classList.add("am-font"));

  // Gradio gives its send button no name.
  const nameSend = () => {
    const label = document.querySelector("#am-header header")?.dataset.askLabel;
    const button = document.querySelector("#am-box .submit-button");
    if (!label || !button) return window.requestAnimationFrame(nameSend);
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  const light = () => document.body.classList.remove("dark");
  document.addEventListener("DOMContentLoaded", () => {
    light();
    new MutationObserver(light).observe(document.body, { attributeFilter: ["class"] });
    document.documentElement.lang = navigator.language.startsWith("zh") ? "zh-CN" : "en";
    watch();
    nameSend();
  });
})();
