-- Roles of the shop. They exist only in the private cluster, which trusts its own socket, so nobody has a password.
-- What auto_explain writes differs by role on purpose: JSON with ANALYZE and BUFFERS for some, text for others.
CREATE ROLE shop_owner LOGIN;
CREATE ROLE shop_web LOGIN;
CREATE ROLE shop_api LOGIN;
CREATE ROLE shop_worker LOGIN;
CREATE ROLE life_app LOGIN;
CREATE ROLE reporting LOGIN;
CREATE ROLE nightly_job LOGIN;

ALTER ROLE shop_web SET auto_explain.log_min_duration = '10ms';
ALTER ROLE shop_web SET auto_explain.log_format = 'json';
ALTER ROLE shop_web SET auto_explain.log_analyze = on;
ALTER ROLE shop_web SET auto_explain.log_buffers = on;
ALTER ROLE shop_web SET auto_explain.sample_rate = 0.06;

ALTER ROLE shop_api SET auto_explain.log_min_duration = '10ms';
ALTER ROLE shop_api SET auto_explain.log_format = 'json';
ALTER ROLE shop_api SET auto_explain.log_analyze = on;
ALTER ROLE shop_api SET auto_explain.log_buffers = on;
ALTER ROLE shop_api SET auto_explain.sample_rate = 0.06;

-- No ANALYZE here: the plan as the planner saw it, in text.
ALTER ROLE shop_worker SET auto_explain.log_min_duration = '10ms';
ALTER ROLE shop_worker SET auto_explain.log_format = 'text';
ALTER ROLE shop_worker SET auto_explain.sample_rate = 0.06;

ALTER ROLE life_app SET auto_explain.log_min_duration = '5ms';
ALTER ROLE life_app SET auto_explain.log_format = 'text';
ALTER ROLE life_app SET auto_explain.log_analyze = on;
ALTER ROLE life_app SET auto_explain.sample_rate = 0.1;

-- Few and long statements: every plan, with everything, and two parallel workers allowed.
ALTER ROLE reporting SET auto_explain.log_min_duration = '0';
ALTER ROLE reporting SET auto_explain.log_format = 'json';
ALTER ROLE reporting SET auto_explain.log_analyze = on;
ALTER ROLE reporting SET auto_explain.log_buffers = on;
ALTER ROLE reporting SET auto_explain.log_settings = on;
ALTER ROLE reporting SET max_parallel_workers_per_gather = 2;

ALTER ROLE nightly_job SET auto_explain.log_min_duration = '0';
ALTER ROLE nightly_job SET auto_explain.log_format = 'text';
ALTER ROLE nightly_job SET auto_explain.log_analyze = on;
ALTER ROLE nightly_job SET auto_explain.log_buffers = on;
