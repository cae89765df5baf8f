/**
 * The statements behind the queue in PostgreSQL, on graphile-worker's tables. Jobs are put in, freed and rescheduled
 * through its functions. They are taken and ended by statements of our own, because its runner takes a lock on every
 * idle queue to take one job (a space is a queue here), pauses by a fixed formula, waits four hours for a server that
 * died, and lets a failed write of a job's end go unheard.
 */
import { jobsSchema as schema } from "@cairn/store-postgres/connection/roles";

const jobs = `${schema}._private_jobs`;
const queues = `${schema}._private_job_queues`;
const tasks = `${schema}._private_tasks`;

const millis = (time: string): string => `(extract(epoch from ${time}) * 1000)::bigint`;

/** $1: specs as a JSON array. Of a key that waits, the time stays (`forward` then brings it forward). */
export const add = `select id from ${schema}.add_jobs(
  array(select json_populate_recordset(null::${schema}.job_spec, $1::json)), true)`;

/** $1: keys. */
export const dropFailed = `delete from ${jobs}
  where key = any($1::text[]) and locked_at is null and attempts >= max_attempts`;

/** $1: ids, $2: times in milliseconds, null for now. */
export const forward = `update ${jobs} as jobs set run_at = least(run_at, coalesce(to_timestamp(given.at / 1000.0), now()))
  from unnest($1::bigint[], $2::float8[]) as given (id, at) where jobs.id = given.id and locked_at is null`;

const signIn = `insert into ${schema}.cairn_workers (id, seen_at) values ($1, now())
  on conflict (id) do update set seen_at = now()`;
const stay = `update ${schema}.cairn_workers set seen_at = now() where id = $1`;

/**
 * $1: worker, $2: names, $3: how many. Queues that others are about to take are passed over, so that nobody waits; of
 * several jobs of one queue the first is taken.
 */
export const take = (fresh: boolean): string => `
with alive as (${fresh ? signIn : stay} returning id),
candidates as (
  select jobs.id, jobs.job_queue_id, jobs.priority, jobs.run_at
  from ${jobs} as jobs join ${tasks} as tasks on tasks.id = jobs.task_id
    left join ${queues} as queues on queues.id = jobs.job_queue_id
  where jobs.is_available and jobs.run_at <= now() and tasks.identifier = any($2::text[])
    and (jobs.job_queue_id is null or queues.is_available) and exists (select from alive)
  order by jobs.priority, jobs.run_at, jobs.id limit $3::int
  for update of jobs skip locked
),
free as (
  select id from ${queues} as queues
  where id in (select job_queue_id from candidates) and is_available
  for update skip locked
),
locked as (
  update ${queues} as queues set locked_by = $1, locked_at = now() from free where queues.id = free.id
),
taken as (
  select distinct on (coalesce(job_queue_id::bigint, -id)) id from candidates
  where job_queue_id is null or job_queue_id in (select id from free)
  order by coalesce(job_queue_id::bigint, -id), priority, run_at, id
)
update ${jobs} as jobs set attempts = attempts + 1, locked_by = $1, locked_at = now()
from taken, ${tasks} as tasks
where jobs.id = taken.id and tasks.id = jobs.task_id
returning jobs.id, tasks.identifier as name, jobs.payload, jobs.attempts, jobs.priority, ${millis("jobs.run_at")} as at`;

/** $1: names. What just fell due counts as coming, so that nothing is missed between two looks. */
export const dueIn = `select ${millis("min(run_at)")} - ${millis("now()")} as millis
  from ${jobs} as jobs join ${tasks} as tasks on tasks.id = jobs.task_id
  where is_available and run_at > now() - interval '200 milliseconds' and tasks.identifier = any($1::text[])`;

/** `ended` names jobs whose queue becomes free. */
const freeing = (ended: string): string => `
update ${queues} as queues set locked_by = null, locked_at = null from ${ended} as ended
where queues.id = ended.job_queue_id and queues.locked_by = $2`;

/** $1: id, $2: worker. */
export const complete = `
with ended as (delete from ${jobs} where id = $1::bigint and locked_by = $2 returning job_queue_id)
${freeing("ended")}`;

/**
 * Putting a job with the key of a running one in takes the key from that one and its tries with it; then the new one
 * does its work, and the old one goes. $3: which try it was.
 */
const isReplaced = "key is null and attempts >= max_attempts and updated_at > locked_at";
const replaced = `
with replaced as (
  delete from ${jobs} where id = $1::bigint and locked_by = $2 and attempts > $3::int and ${isReplaced}
  returning job_queue_id
)`;
const eitherEnded = "(select job_queue_id from replaced union all select job_queue_id from back)";

/** $4: failure, $5: milliseconds until the next try, null for none. */
export const fail = `${replaced}, back as (
  update ${jobs} set locked_by = null, locked_at = null, last_error = $4, updated_at = now(),
    run_at = now() + coalesce($5::float8, 0) * interval '1 millisecond',
    max_attempts = case when $5::float8 is null then max_attempts else greatest(max_attempts, attempts + 1) end,
    attempts = case when $5::float8 is null then max_attempts else attempts end
  where id = $1::bigint and locked_by = $2 and attempts = $3::int returning job_queue_id
)${freeing(eitherEnded)}`;

export const giveBack = `${replaced}, back as (
  update ${jobs} set locked_by = null, locked_at = null, attempts = attempts - 1, updated_at = now()
  where id = $1::bigint and locked_by = $2 and attempts = $3::int returning job_queue_id
)${freeing(eitherEnded)}`;

/** $1: ids, $2: worker. */
export const keepOnly = `with back as (
  update ${jobs} set locked_by = null, locked_at = null, attempts = attempts - 1, updated_at = now()
  where locked_by = $2 and not (id = any($1::bigint[])) returning job_queue_id
)${freeing("back")}`;

/** $1: worker. */
export const beat = stay;
export const leave = `delete from ${schema}.cairn_workers
  where id = $1 and not exists (select from ${jobs} where locked_by = $1)`;

/** $1: lease in milliseconds. Only one of several callers gets a worker's id. */
export const gone = `delete from ${schema}.cairn_workers
  where seen_at < now() - $1::float8 * interval '1 millisecond' returning id`;
/** $1: workers, $2: failure. Before they are freed: what was replaced goes, and the rest is told why it stopped. */
export const dropReplaced = `delete from ${jobs}
  where locked_by = any($1::text[]) and ${isReplaced}`;
export const tellLost = `update ${jobs} set last_error = $2, updated_at = now()
  where locked_by = any($1::text[])`;
export const unlock = `select ${schema}.force_unlock_workers($1::text[])`;

/** $1: name, $2: everyMs, $3: firstMs. Whether it fires, the time and when it is due again, in milliseconds. */
export const readSchedule = `select ${millis("next_at")} - ${millis("now()")} as millis
  from ${schema}.cairn_schedules where name = $1`;
export const makeSchedule = `insert into ${schema}.cairn_schedules (name, next_at)
  values ($1, now() + $2::float8 * interval '1 millisecond') on conflict do nothing`;
export const lockSchedule = `select ${millis("next_at")} as next, ${millis("now()")} as now
  from ${schema}.cairn_schedules where name = $1 for update`;
export const setSchedule = `update ${schema}.cairn_schedules set next_at = to_timestamp($2::float8 / 1000.0) where name = $1`;

/** $1: milliseconds. */
export const prune = `delete from ${jobs} where locked_at is null and attempts >= max_attempts
  and updated_at < now() - $1::float8 * interval '1 millisecond'`;
/**
 * Names of queues stay behind when their jobs are done. `add_jobs` uses one that it finds without locking it, so
 * forgetting them and putting jobs in exclude each other: a job without its queue would never be taken.
 */
export const pruneQueues = `delete from ${queues} as queues where locked_at is null
  and not exists (select from ${jobs} as jobs where jobs.job_queue_id = queues.id)`;
const queuesLock = 0x71_75_65_75_65_73;
export const whileAdding = `select pg_advisory_xact_lock_shared(${queuesLock})`;
export const whilePruning = `select pg_advisory_xact_lock(${queuesLock})`;

const states = {
  waiting: "jobs.locked_at is null and jobs.attempts < jobs.max_attempts",
  running: "jobs.locked_at is not null",
  failed: "jobs.locked_at is null and jobs.attempts >= jobs.max_attempts",
} as const;

/** $1: after this id, $2: name or null, $3: state or null, $4: limit. */
export const list = `select * from (
  select jobs.id, task_identifier as name, key, queue_name as queue, priority, attempts, max_attempts as most, last_error,
    ${millis("created_at")} as created, ${millis("run_at")} as at, ${millis("locked_at")} as started,
    case when ${states.running} then 'running' when ${states.failed} then 'failed' else 'waiting' end as state
  from ${schema}.jobs as jobs
) as jobs
where id > $1::bigint and ($2::text is null or name = $2) and ($3::text is null or state = $3)
order by id limit $4::int`;

const due = `${states.waiting} and run_at <= now()`;
export const counts = `select task_identifier as name,
    count(*) filter (where ${states.waiting}) as waiting, count(*) filter (where ${due}) as due,
    count(*) filter (where ${states.running}) as running, count(*) filter (where ${states.failed}) as failed,
    ${millis("now()")} - ${millis(`min(run_at) filter (where ${due})`)} as "oldestDueMs"
  from ${schema}.jobs as jobs group by task_identifier order by task_identifier`;

/** $1: id. */
export const retry = `select id from ${schema}.reschedule_jobs(array[$1::bigint], run_at := now(), attempts := 0)`;
/** reschedule_jobs and complete_jobs would also touch a job that has run for more than four hours. */
export const isIdle = `select id from ${jobs} where id = $1::bigint and locked_at is null for update`;
export const remove = `select id from ${schema}.complete_jobs(array[$1::bigint])`;
