/** Entries of the audit in requests and answers. */
import { type ChainHead, type ChainLink, parseHead } from "@cairn/directory/ledger/audit-chain";
import { toRfc3339 } from "@cairn/kernel/clock";
import { auditKinds, auditOutcomes } from "@cairn/memory/audit/audit-entry";
import { z } from "zod";
import { shownInstant } from "./instant.ts";

/** As exports have them, a line each: field by field what the hash covers (`docs/audit.md`). */
export const auditLink = z.object({
  seq: z.int().meta({ description: "Position in the organisation's chain." }),
  at: shownInstant("When it happened."),
  id: z.string().meta({ description: "Of the call." }),
  organisation: z.string(),
  principal: z.string().meta({ description: "Who: local, anonymous, user:…, key:…, external:…" }),
  credential: z.string(),
  key: z.string().nullable(),
  instance: z.string().nullable(),
  operation: z.string(),
  kind: z.string().meta({ description: auditKinds.join(", ") }),
  outcome: z.string().meta({ description: auditOutcomes.join(", ") }),
  code: z.string().nullable().meta({ description: "The error's code where it did not end well." }),
  spaces: z.array(z.string()).meta({ description: "Ids of the spaces that were used." }),
  subjects: z.array(z.string()).meta({ description: "Ids of what was acted on, at most 20." }),
  address: z.string().nullable(),
  requestId: z.string(),
  hash: z.string().meta({ description: "Of this entry and all before it, hexadecimal." }),
});

export const showLink = ({ seq, hash, entry }: ChainLink): z.output<typeof auditLink> => ({
  seq,
  at: toRfc3339(entry.at),
  id: entry.id,
  organisation: entry.organisation,
  principal: entry.principal,
  credential: entry.credential,
  key: entry.key,
  instance: entry.instance,
  operation: entry.operation,
  kind: entry.kind,
  outcome: entry.outcome,
  code: entry.code,
  spaces: [...entry.spaces],
  subjects: [...entry.subjects],
  address: entry.address,
  requestId: entry.requestId,
  hash,
});

/** The end of a chain, or of a part of it: `41:9f86…`. */
export const headText = (name: string, describe: string) =>
  z
    .string()
    .transform((given, context): ChainHead => {
      const head = parseHead(given.trim());
      if (head !== null) return head;
      const message = `${name} must be a position, a colon and a hash of 64 hexadecimal digits`;
      context.issues.push({ code: "custom", message, input: given });
      return z.NEVER;
    })
    .meta({ description: describe });

export const shownHead = (describe: string) => z.string().meta({ description: `${describe} (position:hash)` });
