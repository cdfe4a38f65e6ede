import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import type { Engine } from '../render/frame.ts';
import type { Workstation } from '../types.ts';

/** The workstation's files, where the run lets templates ask about them. */
export function filesOf({ options }: Engine): Workstation {
  if (options.workstation) return options.workstation;
  throw new Fault('the files of the workstation cannot be asked about here');
}

const expanded = (text: string, files: Workstation): string =>
  text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    return files.environment(bare ?? braced ?? '') ?? whole;
  });

/** Filters that look at the workstation's files and environment. */
export const fileFilters = {
  expanduser: plugin('', (value, _, engine) =>
    asText(value, 'path').replace(/^~([^/]*)/, (whole, user: string) => filesOf(engine).home(user) ?? whole),
  ),
  expandvars: plugin('', (value, _, engine) => expanded(asText(value, 'path'), filesOf(engine))),
  realpath: plugin('', (value, _, engine) => filesOf(engine).realPath(asText(value, 'path'))),
  fileglob: plugin('', (value, _, engine) => filesOf(engine).glob(printed(value))),
};
