-- Paid membership.

-- @metric trials_started | by marketing_channel, trial_plan | filter city_tier = 'tier1'
SELECT {by}, count(*) FROM tried WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric new_members_from_trial | by membership_plan, region | filter region in ('east', 'north')
SELECT {by}, count(*) FROM joined WHERE membership_source = 'trial' AND term_no = 1 AND {month started_at} AND {filter} GROUP BY 1;

-- @metric paid_conversion | by marketing_channel, trial_plan | filter region in ('east', 'west')
SELECT {by}, avg(coalesce(converted_at < started_at + INTERVAL 30 DAY, false)::INT) FROM tried
WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric new_members | by membership_source, membership_plan | filter city_tier = 'tier2'
SELECT {by}, count(*) FROM joined WHERE term_no = 1 AND {month started_at} AND {filter} GROUP BY 1;

-- @metric membership_revenue | by membership_plan, member_level | filter region = 'north'
SELECT {by}, sum(price) FROM joined WHERE {month started_at} AND {filter} GROUP BY 1;

-- @metric terms_expired | by membership_plan, membership_source | filter region = 'south'
SELECT {by}, count(renewed) FROM joined WHERE {month expires_at} AND {filter} GROUP BY 1;

-- @metric terms_renewed | by membership_plan, city_tier | filter membership_source = 'trial'
SELECT {by}, count(*) FILTER (renewed) FROM joined WHERE {month expires_at} AND {filter} GROUP BY 1;

-- @metric renewal_rate | by membership_plan, region | filter membership_source = 'direct'
SELECT {by}, count(*) FILTER (renewed) / count(renewed) FROM joined WHERE {month expires_at} AND {filter} GROUP BY 1;
