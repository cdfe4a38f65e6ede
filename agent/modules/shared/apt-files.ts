import type { Host } from '../../linux/host.ts';
import type { RunContext } from '../module.ts';
import { taskFailed } from './programs.ts';
import { downloaded } from './web.ts';

/** The files of packages that a task names: paths with commas between, or one URL that the host asks for. */
export async function debFiles(deb: string, host: Host, { signal }: RunContext): Promise<readonly string[]> {
  if (!deb.includes('://')) return Promise.all(deb.split(',').map((path) => host.absolute(path)));
  const path = await downloaded(deb, false, host, signal);
  // apt-get takes a file for a package by the end of its name only; what is beside it goes with the task, too.
  const named = `${path}.deb`;
  const { status, stderr } = await host.exec({ argv: ['ln', '-s', '--', path, named] }, { signal });
  if (status !== 0) throw taskFailed(stderr.trim());
  return [named];
}
