import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createStyle } from '../../controller/report/style.ts';
import { whyText } from '../../controller/report/why/verdict-text.ts';
import { whyMermaid } from '../../controller/report/why/way-mermaid.ts';
import { whySvg } from '../../controller/report/why/way-svg.ts';
import type { WhyReport } from '../../controller/report/why/why-types.ts';

// NAME.yml: an answer, as `orch why --output json` gives it; NAME.svg, NAME.mmd and NAME.COLUMNS.txt: what is drawn of it.
const folder = join(import.meta.dirname, 'cases');
const files = readdirSync(folder);

function reportOf(name: string): WhyReport {
  const way = (hop: object) => ({
    direction: 'request',
    netns: '',
    device: 'eth0',
    what: 'sent',
    text: 'request',
    ...hop,
  });
  const read = parse(readFileSync(join(folder, `${name}.yml`), 'utf8'));
  const rest = {
    version: 1,
    from: 'pc',
    to: '10.0.0.2',
    address: '10.0.0.2',
    protocol: 'icmp',
    outcome: 'silent',
    message: '',
  };
  return { ...rest, verdicts: [], watched: [], ...read, way: read.way.map(way) };
}

interface Rect {
  readonly kind: string;
  readonly x: number;
  readonly width: number;
}

function rectsOf(svg: string): readonly Rect[] {
  return [...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)].map(
    ([, kind = '', x, width]) => ({ kind, x: Number(x), width: Number(width) }),
  );
}

test.each(files.filter((file) => !file.endsWith('.yml')))('%s', (file) => {
  const [name = '', format, columns] = [file.split('.')[0], file.split('.').at(-1), file.split('.')[1]];
  const report = reportOf(name);
  const expected = readFileSync(join(folder, file), 'utf8');
  if (format === 'mmd') expect(whyMermaid(report)).toBe(expected);
  else if (format === 'txt') {
    // As bytes, which is how a terminal gets it.
    const text = Buffer.from(whyText(report, Number(columns), createStyle(false))).toString();
    expect(text).toBe(expected);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(Number(columns));
  } else {
    const svg = whySvg(report);
    expect(svg).toBe(expected);
    // Boxes of one kind stand beside each other, each as wide as its name.
    const rects = rectsOf(svg);
    for (const kind of ['host', 'netns', 'device']) {
      const row = rects.filter((rect) => rect.kind === kind);
      for (const [index, { x }] of row.entries()) {
        const before = row[index - 1];
        if (before !== undefined) expect(x).toBeGreaterThanOrEqual(before.x + before.width);
      }
    }
  }
});

test('every case is drawn', () => {
  const names = files.filter((file) => file.endsWith('.yml')).map((file) => file.slice(0, -4));
  for (const name of names)
    expect(files).toEqual(expect.arrayContaining([`${name}.svg`, `${name}.mmd`, `${name}.80.txt`]));
});
