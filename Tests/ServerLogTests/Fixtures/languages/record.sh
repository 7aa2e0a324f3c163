#!/bin/bash
# Records one scenario in every language that Debian's PostgreSQL 15 has, in three formats: the files in this directory.
# Needs root, postgresql-15 and the locales (localedef -i de_DE -f UTF-8 de_DE.UTF-8, …).
set -e
D=/var/tmp/pgassay-languages; rm -rf $D; mkdir -p $D; chown postgres $D
B=/usr/lib/postgresql/15/bin
run() { runuser -u postgres -- "$@"; }
run $B/initdb -D $D/data -U postgres --no-locale -E UTF8 >/dev/null
cat >> $D/data/postgresql.conf <<C
listen_addresses=''
unix_socket_directories='$D'
logging_collector=on
log_destination='stderr,csvlog,jsonlog'
log_directory='$D/log'
log_filename='start.log'
log_line_prefix='%m [%p] %q%u@%d/%a '
log_min_duration_statement=0
log_checkpoints=on
log_connections=on
log_disconnections=on
log_lock_waits=on
log_temp_files=0
log_timezone='UTC'
deadlock_timeout=100ms
compute_query_id=on
autovacuum=off
work_mem=64kB
log_rotation_size=0
C
run $B/pg_ctl -D $D/data -w -l $D/start.txt start >/dev/null
P="run psql -X -q -h $D -U postgres postgres"
$P -c "create table t(id int primary key, s text); insert into t select g, repeat('x',50)||g from generate_series(1,5000) g; create table u(id int primary key); insert into u values (1),(2)" >/dev/null
cat > $D/one.sql <<C
\set i random(1, 100)
SELECT s FROM t WHERE id = :i;
C
chown postgres $D/one.sql
for l in C de_DE.UTF-8 es_ES.UTF-8 fr_FR.UTF-8 it_IT.UTF-8 ja_JP.UTF-8 ka_GE.UTF-8 ko_KR.UTF-8 ru_RU.UTF-8 sv_SE.UTF-8 uk_UA.UTF-8 zh_CN.UTF-8; do
  n=${l%%_*}; [ $n = zh ] && n=zh_CN; [ $l = C ] && n=en
  $P -c "alter system set lc_messages='$l'" -c "alter system set log_filename='$n.log'" -c "select pg_reload_conf()" >/dev/null; sleep 0.5
  run $B/pgbench -h $D -U postgres -n -M extended -t 5 -f $D/one.sql postgres >/dev/null 2>&1
  run $B/pgbench -h $D -U postgres -n -M prepared -t 5 -f $D/one.sql postgres >/dev/null 2>&1
  $P >/dev/null 2>&1 <<C || true
select count(*) from t where id < 10;
select * from nowhere where a = 1;
insert into t values (1, 'dup');
select * from t order by s desc;
set statement_timeout = 50; select pg_sleep(1); reset statement_timeout;
do \$\$ begin perform pg_cancel_backend(pg_backend_pid()); perform pg_sleep(1); end \$\$;
prepare p(int) as select s from t where id = \$1; execute p(3);
begin; declare c cursor for select * from t; fetch 3 from c; commit;
checkpoint;
set log_min_duration_statement=-1; set log_duration=on; set log_statement='all';
select 41;
select 42;
reset log_duration; 
select 43;
set log_min_duration_statement=0;
select 44;
reset all;
C
  (echo "begin; update u set id=id where id=1; select pg_sleep(0.4); update u set id=id where id=2; commit;" | $P >/dev/null 2>&1 &
   sleep 0.15; echo "begin; update u set id=id where id=2; update u set id=id where id=1; commit;" | $P >/dev/null 2>&1; wait) || true
  sleep 0.8
done
run $B/pg_ctl -D $D/data -m fast stop >/dev/null
ls -la $D/log
