import { statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { nakedClock } from '../template/datetime.ts';
import { DateTime } from '../template/moment.ts';
import type { Scope } from '../template/types.ts';

/** The variables that Ansible gives a template file about itself; its own `ansible_managed` is the playbook's to set. */
export function templateVariables(file: string, scope: Pick<Scope, 'has'>): Readonly<Record<string, unknown>> {
  return {
    ...(scope.has('ansible_managed') ? {} : { ansible_managed: 'Ansible managed' }),
    ...(scope.has('template_destpath') ? {} : { template_destpath: null }),
    template_host: hostname(),
    template_path: file,
    template_fullpath: resolve(file),
    get template_uid() {
      const { uid, username } = userInfo();
      const owner = statSync(file).uid;
      return owner === uid ? username : owner;
    },
    get template_mtime() {
      return new DateTime(nakedClock(statSync(file).mtimeMs, false));
    },
    get template_run_date() {
      return new DateTime(nakedClock(Date.now(), false));
    },
  };
}
