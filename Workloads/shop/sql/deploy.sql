-- The deployment between week one and week two. It drops an index that "nobody uses"; the tracking page does.
DROP INDEX ix_shipments_tracking_code;
