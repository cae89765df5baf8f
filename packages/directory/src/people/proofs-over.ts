/**
 * Links in mails. What is kept is a digest of the token, so that the database gives nobody a link; one of a kind counts
 * for an address, so that only the newest mail works, and each works once.
 */
import { createHash } from "node:crypto";
import type { Clock } from "@cairn/kernel/clock";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { normalEmail } from "./email-address.ts";
import type { PeopleDirectory, Proof } from "./people-directory.ts";

const identifierOf = (tokenHash: string): string => `proof ${tokenHash}`;
const kinds: ReadonlySet<string> = new Set<Proof["kind"]>(["sign-up", "reset"]);

const valueOf = ({ kind, email }: Proof): string => `${kind} ${email}`;
const proofIn = (value: string | undefined): Proof | null => {
  const [kind = "", email = ""] = value?.split(" ") ?? [];
  return kinds.has(kind) ? { kind: kind as Proof["kind"], email } : null;
};

/** The row's id is a digest of kind and address: a newer proof takes the place of the older one. */
const rowId = (proof: Proof): string => createHash("sha256").update(valueOf(proof)).digest("hex");

const sweepMost = 1_000;

export const proofsOver = (
  database: DirectoryDatabase,
  clock: Clock,
): Pick<PeopleDirectory, "isInvited" | "keepProof" | "proofOf" | "useProof" | "sweep"> => {
  const stands = ({ tables }: Access, tokenHash: string) =>
    tables
      .selectFrom("verifications")
      .select(["id", "value"])
      .where("identifier", "=", identifierOf(tokenHash))
      .where("expires_at", ">", clock())
      .executeTakeFirst();
  return {
    isInvited: async (given) => {
      const email = normalEmail(given);
      if (email === null) return false;
      const row = await database.read(({ tables }) =>
        tables
          .selectFrom("invitations")
          .select("id")
          .where("email", "=", email)
          .where("accepted_at", "is", null)
          .where("revoked_at", "is", null)
          .where("expires_at", ">", clock())
          .limit(1)
          .executeTakeFirst(),
      );
      return row !== undefined;
    },
    keepProof: async (tokenHash, proof, until) => {
      const now = clock();
      const kept = { identifier: identifierOf(tokenHash), value: valueOf(proof), expires_at: until, updated_at: now };
      await database.change(({ tables }) =>
        tables
          .insertInto("verifications")
          .values({ id: rowId(proof), created_at: now, ...kept })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(kept))
          .execute(),
      );
    },
    proofOf: async (tokenHash) => proofIn((await database.read((access) => stands(access, tokenHash)))?.value),
    useProof: async (tokenHash) => {
      const used = await database.change(({ tables }) =>
        tables
          .deleteFrom("verifications")
          .where("identifier", "=", identifierOf(tokenHash))
          .where("expires_at", ">", clock())
          .returning("value")
          .executeTakeFirst(),
      );
      return proofIn(used?.value);
    },
    sweep: async () => {
      const now = clock();
      const counts = await database.change(async ({ tables }) => {
        const of = (table: "verifications" | "sessions") =>
          tables
            .deleteFrom(table)
            .where("id", "in", (eb) =>
              eb.selectFrom(table).select("id").where("expires_at", "<=", now).limit(sweepMost),
            )
            .executeTakeFirst();
        const attempts = () =>
          tables
            .deleteFrom("attempts")
            .where("id", "in", (eb) =>
              eb.selectFrom("attempts").select("id").where("until", "<=", now).limit(sweepMost),
            )
            .executeTakeFirst();
        return [await of("verifications"), await of("sessions"), await attempts()];
      });
      return counts.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
    },
  };
};
