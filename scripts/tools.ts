// Installs what the tests' hosts need on this machine, before any of them runs.

import { errorText } from '../controller/report/error-text.ts';
import { startProgress } from '../controller/testbed/progress.ts';
import { ensureTools } from '../controller/testbed/tools.ts';
import { OrchError } from '../proto/errors.ts';

try {
  for (const driver of ['netns', 'qemu'] as const) {
    await ensureTools(driver, startProgress(), new AbortController().signal);
  }
} catch (error) {
  if (!(error instanceof OrchError)) throw error;
  console.error(errorText(error));
  process.exitCode = 4;
}
