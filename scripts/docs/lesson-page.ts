import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { examine } from '../../controller/reach/doctor/examine.ts';
import { evidenceSchema } from '../../controller/reach/why/evidence.ts';
import { whyReport } from '../../controller/reach/why/why-report.ts';
import { doctorText } from '../../controller/report/doctor-text.ts';
import { createStyle } from '../../controller/report/style.ts';
import { whyText } from '../../controller/report/verdict-text.ts';
import { whySvg } from '../../controller/report/way-svg.ts';
import type { WhyReport } from '../../controller/report/why-types.ts';

const records = join(import.meta.dirname, '../../test/lesson/records');
const columns = 80;

/** States of the lesson that are recorded: conf.all is 1, ens34 has 0 or 2. */
export const lessonRecords = ['zero', 'loose'] as const;

/** What `orch why --record` wrote on the testbed. */
function lessonEvidence(name: string) {
  return evidenceSchema.parse(parse(readFileSync(join(records, `${name}.yml`), 'utf8')).evidence);
}

export function lessonReport(name: string): WhyReport {
  const evidence = lessonEvidence(name);
  return whyReport(evidence, evidence.question.to);
}

export function lessonSvg(name: string): string {
  return whySvg(lessonReport(name));
}

/** docs/rp-filter.md with what orch says of the recorded states in place of each `<!-- COMMAND STATE: ... -->`. */
export function lessonPage(page: string): string {
  return page.replace(
    /(<!-- (why|doctor) (\w+): made by npm run docs -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, command: string, name: string, end: string) =>
      `${start}\n\`\`\`text\n${command === 'why' ? whySaid(name) : doctorSaid(name)}\`\`\`\n\n${end}`,
  );
}

function whySaid(name: string): string {
  return whyText(lessonReport(name), columns, createStyle(false));
}

/** Of all that is to be said of that host, the trap of this lesson. */
function doctorSaid(name: string): string {
  const { places } = lessonEvidence(name);
  const findings = examine(places, []).filter(({ check }) => check === 'rp-filter');
  const own = places.filter(({ netns }) => netns === '');
  const hosts = own.map(({ host }) => ({ host, namespaces: places.filter((one) => one.host === host).length - 1 }));
  const report = { version: 1, hosts, checks: ['rp-filter'], findings, unread: [] } as const;
  return doctorText(report, columns, createStyle(false)).split('\n').slice(2).join('\n');
}
