/** Cursors of lists whose items are numbered: the number of the last item that was read. Opaque to clients. */
import { z } from "zod";
import { absent } from "../absent.ts";

export const positionCursor = z
  .string()
  .regex(/^\d{1,15}$/u, "cursor must be one that an earlier page gave")
  .meta({ description: "Where the page before ended." });

/** 0, the beginning, when there is none. */
export const parsePosition = (cursor: string | null | undefined): number => (absent(cursor) ? 0 : Number(cursor));
