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

  // The newest message is always in view. On a narrow screen the card lies below the chat:
  // an answer is brought into view, a question back is not, its options are in the chat.
  let shown = "";
  const showNewest = () =>
    document.querySelectorAll("#am-chat, #am-chat .wrapper, #am-chat .bubble-wrap, #am-chat .message-wrap").forEach((box) => {
      box.scrollTop = box.scrollHeight;
    });
  const showCard = () => {
    const found = document.querySelector("#am-panel .am-card");
    const key = found?.dataset.answer || "";
    if (key && key !== shown && window.innerWidth <= NARROW && found.querySelector(".am-chips")) {
      found.scrollIntoView({ behavior: "smooth", block: "start" });
    }
    shown = key;
  };
  let letters = 0;
  const watch = () => {
    const said = document.querySelector("#am-chat")?.textContent.length || 0;
    if (said !== letters) window.requestAnimationFrame(showNewest);
    letters = said;
    showCard();
    nameSend();
  };

  // Gradio gives its send button no name.
  const nameSend = () => {
    const label = document.querySelector("#am-header header")?.dataset.askLabel;
    const button = document.querySelector("#am-box .submit-button");
    if (!label || !button || button.title === label) return;
    button.setAttribute("aria-label", label);
    button.title = label;
  };

  // Chromium keeps boxes where text was laid out before its font came: lay it out again.
  document.fonts.addEventListener("loadingdone", () => document.documentElement.classList.add("am-font"));

  const light = () => document.body.classList.contains("dark") && document.body.classList.remove("dark");
  const start = () => {
    light();
    new MutationObserver(light).observe(document.body, { attributeFilter: ["class"] });
    new MutationObserver(watch).observe(document.body, { childList: true, subtree: true });
    document.documentElement.lang = navigator.language.startsWith("zh") ? "zh-CN" : "en";
    watch();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
