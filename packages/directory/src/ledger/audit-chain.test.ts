import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { auditKinds, auditOutcomes } from "@cairn/memory/audit/audit-entry";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, type ChainLink, firstHead, linkAfter, parseHead, showHead, verifyLinks } from "./audit-chain.ts";
import { auditRow, chainLink } from "./audit-rows.ts";
import { exportedLine, parseExportedLine, verifyChain } from "./exported-chain.ts";

const organisation = "01890000-0000-7000-8000-000000000001";

const golden: AuditEntry = {
  id: "01890000-0000-7000-8000-0000000000aa",
  at: 1_773_489_600_123,
  organisation,
  principal: "user:anna",
  credential: "key",
  key: "k1",
  instance: null,
  operation: "memories.remember",
  kind: "write",
  outcome: "ok",
  code: null,
  spaces: ["01890000-0000-7000-8000-0000000000bb"],
  subjects: ['é "🪨"'],
  address: "2001:db8::1",
  requestId: "r-1",
};

const texts = fc.string({ unit: "grapheme", maxLength: 20 });
const textOrNull = fc.option(texts);
const entries: fc.Arbitrary<AuditEntry> = fc.record({
  id: fc.uuid(),
  at: fc.integer({ min: 0, max: 4e12 }),
  organisation: fc.constant(organisation),
  principal: texts,
  credential: fc.constantFrom("none", "key", "session"),
  key: textOrNull,
  instance: textOrNull,
  operation: texts,
  kind: fc.constantFrom(...auditKinds),
  outcome: fc.constantFrom(...auditOutcomes),
  code: textOrNull,
  spaces: fc.array(texts, { maxLength: 3 }),
  subjects: fc.array(texts, { maxLength: 3 }),
  address: textOrNull,
  requestId: texts,
});

const chainOf = (list: readonly AuditEntry[]): readonly ChainLink[] => {
  const links: ChainLink[] = [];
  for (const entry of list) links.push(linkAfter(links.at(-1) ?? firstHead(organisation), entry));
  return links;
};
const chains = fc.array(entries, { minLength: 1, maxLength: 8 }).map(chainOf);
const verify = (links: Iterable<ChainLink>) => verifyLinks(organisation, firstHead(organisation), links);

describe("TEN-8 the chain of an audit", () => {
  test("has a form that never changes", () => {
    expect(canonical(golden, 1)).toBe(
      '[1,1,"01890000-0000-7000-8000-0000000000aa",1773489600123,"01890000-0000-7000-8000-000000000001","user:anna","key","k1",null,"memories.remember","write","ok",null,["01890000-0000-7000-8000-0000000000bb"],["é \\"🪨\\""],"2001:db8::1","r-1"]',
    );
    expect(firstHead(organisation).hash).toBe("f0ff73d517f4a273d0ba8d1ef22a0489834c61aa629fcb9ab7a845421c37cef0");
    const first = linkAfter(firstHead(organisation), golden);
    expect(first.hash).toBe("6ad3a49a3daf595dc7ab4ab54c552e4a551211d056cc7727d221102f2f69212e");
    expect(linkAfter(first, golden).hash).toBe("d6750afdae62b38744fc1a246528d34a5787007c67ddd138c0a5bd03822e60e2");
  });

  test("is whole as it was made, whatever is in it, also as rows and as an export", () => {
    fc.assert(
      fc.property(chains, (links) => {
        const head = { seq: links.length, hash: links.at(-1)!.hash };
        expect(verify(links)).toEqual({ problem: null, at: null, whole: head });
        expect(links.map((link) => chainLink(auditRow(link)))).toEqual(links);
        const lines = links.map(exportedLine);
        expect(lines.map(parseExportedLine)).toEqual(links);
        expect(verifyChain([...lines, ""], { anchor: head, organisation })).toMatchObject({
          problem: null,
          whole: head,
        });
      }),
    );
  });

  test("shows every change of an entry, and where", () => {
    fc.assert(
      fc.property(chains, fc.nat(), entries, fc.constantFrom(...Object.keys(golden)), (links, at, other, field) => {
        const place = at % links.length;
        const name = field as keyof AuditEntry;
        const changed = links.map((link, index) =>
          index === place ? { ...link, entry: { ...link.entry, [name]: other[name] } } : link,
        );
        const same = JSON.stringify(links[place]!.entry[name]) === JSON.stringify(other[name]);
        expect(verify(changed).at).toBe(same ? null : place + 1);
        expect(verifyChain(changed.map(exportedLine), { organisation }).at).toBe(same ? null : place + 1);
      }),
    );
  });

  test("shows what is missing, doubled or in another place", () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), (links, first, second) => {
        const [from, to] = [first % links.length, second % links.length];
        const without = links.filter((_, index) => index !== from);
        if (from < links.length - 1) expect(verify(without)).toMatchObject({ problem: "gap", at: from + 1 });
        const anchor = { seq: links.length, hash: links.at(-1)!.hash };
        expect(verifyChain(without.map(exportedLine), { anchor, organisation }).problem).not.toBeNull();
        const doubled = links.toSpliced(from, 0, links[from]!);
        expect(verify(doubled)).toMatchObject({ problem: "gap", at: from + 2 });
        if (from === to) return;
        const swapped = links.with(from, links[to]!).with(to, links[from]!);
        expect(verify(swapped).at).toBe(Math.min(from, to) + 1);
      }),
    );
  });

  test("shows that its end was cut off and grown anew, where a head was kept elsewhere", () => {
    fc.assert(
      fc.property(chains, fc.array(entries, { maxLength: 8 }), fc.nat(), (links, more, at) => {
        const kept = links[at % links.length]!;
        const anchor = { seq: kept.seq, hash: kept.hash };
        const cut = links.slice(0, kept.seq - 1).map(({ entry }) => entry);
        const regrown = chainOf([...cut, ...more]);
        const same = regrown[kept.seq - 1]?.hash === kept.hash;
        const report = verifyChain(regrown.map(exportedLine), { anchor, organisation });
        expect(report.problem === null).toBe(same);
      }),
    );
  });

  test("of another organisation is not taken for this one's", () => {
    const links = chainOf([golden, golden]);
    const other = "01890000-0000-7000-8000-000000000002";
    expect(verifyLinks(other, firstHead(other), links)).toMatchObject({ problem: "foreign", at: 1 });
    const lines = links.map(exportedLine);
    expect(verifyChain(lines, { organisation: other })).toMatchObject({ problem: "foreign", at: 1 });
  });

  test("is verified in parts, each from the head before it", () => {
    const lines = chainOf([golden, golden, golden]).map(exportedLine);
    const after = parseExportedLine(lines[0]!)!;
    expect(verifyChain(lines.slice(1), { after })).toMatchObject({ problem: null, whole: { seq: 3 } });
    expect(verifyChain(lines.slice(1))).toMatchObject({ problem: "gap", at: 1 });
    expect(verifyChain([])).toMatchObject({ problem: null, whole: { seq: 0 } });
  });

  test.each(["nonsense", "null", "{}", '{"seq":1}'])("takes the line %j for a broken one", (line) => {
    const lines = chainOf([golden]).map(exportedLine);
    expect(verifyChain([...lines, line])).toMatchObject({ problem: "changed", at: 2, whole: { seq: 1 } });
  });

  test("refuses another way to write the same time", () => {
    const line = exportedLine(linkAfter(firstHead(organisation), golden));
    expect(verifyChain([line.replace("Z", "+00:00")])).toMatchObject({ problem: "changed", at: 1 });
  });

  test("heads are written and read back", () => {
    const head = firstHead(organisation);
    expect(parseHead(showHead({ ...head, seq: 41 }))).toEqual({ ...head, seq: 41 });
    for (const text of ["", "1", `1:${"0".repeat(63)}`, `x:${head.hash}`, `1:${head.hash.toUpperCase()}`])
      expect(parseHead(text)).toBeNull();
  });
});
