import { errorCodes } from '../../proto/errors.ts';

/** docs/errors.md: every error code and what it means. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const head = [
    '# Errors',
    '',
    'Made by `npm run docs` from `proto/errors.ts`.',
    '',
    '| code | meaning |',
    '|---|---|',
  ];
  return `${[...head, ...rows].join('\n')}\n`;
}
