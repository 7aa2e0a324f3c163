#!/bin/bash
# Records one scenario in every language that Debian's PostgreSQL 15 has, in three formats: the files in this directory.
# Needs root, postgresql-15 and the locales (localedef -i de_DE -f UTF-8 de_DE.UTF-8, …).
#
# The server is started anew for each language, so that a file begins and ends with a whole life of the server: start,
# load, errors, a deadlock, time-outs, a backend killed by signal 9 and the recovery after it, stop.
set -e
here=$(cd "$(dirname "$0")" && pwd)
D=/var/tmp/pgassay-languages; rm -rf $D; mkdir -p $D; chown postgres $D; cd $D
B=/usr/lib/postgresql/15/bin
run() { runuser -u postgres -- "$@"; }
run $B/initdb -D $D/data -U postgres --no-locale -E UTF8 >/dev/null
cat >> $D/data/postgresql.conf <<C
listen_addresses=''
unix_socket_directories='$D'
logging_collector=on
log_destination='stderr,csvlog,jsonlog'
log_directory='$D/log'
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
autovacuum_naptime=1
log_autovacuum_min_duration=0
work_mem=64kB
log_rotation_size=0
fsync=off
C
P="run psql -X -q -h $D -U postgres postgres"
run $B/pg_ctl -D $D/data -w -o "-c log_filename=setup.log" -l $D/start.txt start >/dev/null
$P -c "create table t(id int primary key, s text); insert into t select g, repeat('x',50)||g from generate_series(1,5000) g; create table u(id int primary key); insert into u values (1),(2); create role guest login password 'right'; create table v(id int, s text); alter table v set (autovacuum_vacuum_threshold = 1, autovacuum_analyze_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_scale_factor = 0); insert into v select g, 'x' from generate_series(1,100) g" -c "vacuum analyze v" -c "alter table t set (autovacuum_enabled = off); alter table u set (autovacuum_enabled = off)" >/dev/null
sed -i '1i local all guest scram-sha-256' $D/data/pg_hba.conf
run $B/pg_ctl -D $D/data -m fast stop >/dev/null
cat > $D/one.sql <<C
\set i random(1, 100)
SELECT s FROM t WHERE id = :i;
C
chown postgres $D/one.sql
for l in C de_DE.UTF-8 es_ES.UTF-8 fr_FR.UTF-8 it_IT.UTF-8 ja_JP.UTF-8 ka_GE.UTF-8 ko_KR.UTF-8 ru_RU.UTF-8 sv_SE.UTF-8 uk_UA.UTF-8 zh_CN.UTF-8; do
  n=${l%%_*}; [ $n = zh ] && n=zh_CN; [ $l = C ] && n=en
  run $B/pg_ctl -D $D/data -w -o "-c log_filename=$n.log -c lc_messages=$l" -l $D/start.txt start >/dev/null
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
  # A deadlock: both wait 100 ms and longer.
  (echo "begin; update u set id=id where id=1; select pg_sleep(2); update u set id=id where id=2; commit;" | $P >/dev/null 2>&1 &
   sleep 0.7; echo "begin; update u set id=id where id=2; update u set id=id where id=1; commit;" | $P >/dev/null 2>&1; wait) || true
  # A wait for a lock that is given up, one that ends.
  (echo "begin; update u set id=id where id=1; select pg_sleep(3); commit;" | $P >/dev/null 2>&1 &
   sleep 1; echo "set lock_timeout = 200; update u set id=id where id=1; reset lock_timeout; update u set id=id where id=1;" | $P >/dev/null 2>&1; wait) || true
  # Sessions that are ended.
  (echo "set idle_in_transaction_session_timeout = 100; begin;"; sleep 1.5) | $P >/dev/null 2>&1 || true
  (echo "set idle_session_timeout = 100;"; sleep 1.5) | $P >/dev/null 2>&1 || true
  (echo "set application_name = 'victim'; select pg_sleep(20);" | $P >/dev/null 2>&1 &
   sleep 1; $P -c "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'" >/dev/null 2>&1; wait) || true
  # Clients that may not come in.
  run psql -X -h $D -U nobody postgres -c "" >/dev/null 2>&1 || true
  PGPASSWORD=wrong run psql -X -h $D -U guest postgres -c "" >/dev/null 2>&1 || true
  # Work for autovacuum.
  $P -c "update v set id = id" >/dev/null; sleep 3.2
  # A crash.
  (echo "set application_name = 'crash'; select pg_sleep(20);" | $P >/dev/null 2>&1 &
   sleep 1; kill -9 $($P -At -c "select pid from pg_stat_activity where application_name = 'crash'"); wait) || true
  # Who comes in during the recovery is sent away: wait, so that the counts are the same.
  sleep 1; until tail -n +8 $D/data/postmaster.pid | grep -q ready; do sleep 0.2; done; sleep 0.5
  run $B/pg_ctl -D $D/data -m fast -w stop >/dev/null
done
for f in $D/log/*; do
  case $f in */setup.*) ;; *) gzip -9nc $f > $here/$(basename $f).gz ;; esac
done
rm -rf $D
ls -la $here
