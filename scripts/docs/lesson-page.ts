import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import { whyReport } from '../../controller/reach/why/why-report.ts';
import { createStyle } from '../../controller/report/style.ts';
import { doctorText } from '../../controller/report/why/doctor-text.ts';
import type { DoctorReport } from '../../controller/report/why/doctor-types.ts';
import { whyText } from '../../controller/report/why/verdict-text.ts';
import { whySvg } from '../../controller/report/why/way-svg.ts';
import type { WhyReport } from '../../controller/report/why/why-types.ts';

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

/** What `orch doctor` says of the trap there; a why's record holds less of the host than it looks at. */
export const doctorRecord = join(records, 'doctor.json');

function doctorSaid(name: string): string {
  if (name !== 'zero') throw new Error(`what doctor says of the state ${name} was not recorded`);
  const report = JSON.parse(readFileSync(doctorRecord, 'utf8')) as DoctorReport;
  return doctorText(report, 0, columns, createStyle(false)).split('\n').slice(2).join('\n');
}
