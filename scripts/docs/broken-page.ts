import { type BrokenResult, brokenLabs, brokenResults } from './broken-labs.ts';
import { cell } from './cell.ts';
import { filled } from './filled.ts';

const words = { fixed: 'mended', pasted: 'mended by hand', no: 'not mended' };

function found(result: BrokenResult | undefined): string {
  if (result === undefined) return 'not tried';
  const { result: outcome, confidence, reason, mended } = result;
  if (outcome === 'lacks') return `none: ${cell(reason ?? '')}`;
  const said = outcome === 'right' ? `${confidence}` : outcome;
  return mended === undefined ? said : `${said}, ${words[mended]}`;
}

/** docs/broken.md with the table of labs, and of what was found in each by the last test on each kernel. */
export function brokenPage(page: string): string {
  const places = Object.entries(brokenResults());
  const head = ['lab', 'what is wrong', 'cause', ...places.map(([name, { level }]) => `${name}: ${level}`)];
  const rows = brokenLabs().map(({ name, title, answer }) => [
    `\`${name}.yml\``,
    cell(title),
    `\`${answer.cause}\``,
    ...places.map(([, { labs }]) => found(labs[name])),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return filled(page, 'labs', lines.join('\n'));
}
