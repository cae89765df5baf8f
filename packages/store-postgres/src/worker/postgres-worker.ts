/** The entry of a storage thread of the cloud engine. */
import { parentPort, workerData } from "node:worker_threads";
import { wallClock } from "@cairn/kernel/clock";
import { serveRequests } from "@cairn/store/threads/serve-requests";
import { makeDispatcher, type SeatedOptions } from "./dispatcher.ts";

if (parentPort !== null) serveRequests(parentPort, makeDispatcher(workerData as SeatedOptions, wallClock));
