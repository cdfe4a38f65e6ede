import { tcJson } from '../../modules/shared/queue/tc-json.ts';
import { text } from '../../modules/shared/rows.ts';
import type { ReadingPlace } from './reading-place.ts';
import { output, unread } from './tool.ts';

/**
 * Queueing disciplines and filters of all devices by one process of tc, which answers each line with a line of JSON. Lines of
 * the question, a tab and the answer; the questions are `qdisc`, and `DEV root`, `DEV ingress`, `DEV egress` for filters.
 */
export async function readTc(place: ReadingPlace): Promise<string> {
  // A device's name is whatever its maker chose; tc would take some for quotes or comments.
  const links = await place.links();
  const names = links.flatMap((link) => text(link, 'ifname') ?? []).filter((name) => /^[\w.@-]+$/.test(name));
  const questions = [
    { name: 'qdisc', words: 'qdisc show' },
    ...names.flatMap((dev) => [
      { name: `${dev} root`, words: `filter show dev ${dev}` },
      { name: `${dev} ingress`, words: `filter show dev ${dev} ingress` },
      { name: `${dev} egress`, words: `filter show dev ${dev} egress` },
    ]),
  ];
  const batch = questions.map(({ words }) => `${words}\n`).join('');
  const said = await output(place, ['tc', '-j', '-s', '-force', '-batch', '-'], batch);
  // tc opens a list around all of its answers.
  const answers = tcJson(said)
    .replace(/^\[(?=\[)/, '')
    .split('\n')
    .filter((line) => /^\[.*\]$/.test(line));
  if (answers.length !== questions.length) {
    throw unread(`tc answered ${answers.length} of ${questions.length} questions`);
  }
  return questions.map(({ name }, index) => `${name}\t${answers[index]}`).join('\n');
}
