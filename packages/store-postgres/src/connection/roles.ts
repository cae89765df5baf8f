/**
 * The roles of the database. Tables belong to `ownerRole`, which migrations act as; statements of the application run
 * as `appRole`, which owns nothing, cannot bypass row-level security and can make no objects. None can sign in: the
 * account that does is a member of them.
 */
export const ownerRole = "cairn_owner";
export const appRole = "cairn_app";
/** Of the directory's statements; `appRole` cannot even see that schema. */
export const directoryRole = "cairn_directory_app";
/** Owns the queue of jobs, and nothing else. */
export const jobsRole = "cairn_jobs_app";

/** Where the engine's tables lie. */
export const memorySchema = "cairn";
/** Where the directory's tables lie: spaces, organisations, people, keys, usage. */
export const directorySchema = "cairn_directory";
/** Where the queue of jobs lies. */
export const jobsSchema = "cairn_jobs";
