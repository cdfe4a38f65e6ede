import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { ownUser } from '../../proto/own-user.ts';
import { settings } from '../config/settings.ts';
import { formatTime, nakedClock } from '../template/python/datetime.ts';
import { DateTime } from '../template/python/moment.ts';
import type { Scope } from '../template/types.ts';

/** What the settings have templates say of themselves: `{host}`, `{uid}` and `{file}` are replaced, and the time is the file's. */
function managed(file: string, written: string): string {
  const { ansibleManaged } = settings();
  if (!/[{%]/.test(ansibleManaged)) return ansibleManaged;
  const known: Readonly<Record<string, () => string>> = {
    host: hostname,
    uid: () => String(ownerOf(file)),
    file: () => written,
  };
  const named = ansibleManaged.replace(/\{(\w+)\}/g, (whole, name: string) => known[name]?.() ?? whole);
  return formatTime(named, nakedClock(statSync(file).mtimeMs, false));
}

/** Who has a file: this user by name, others by number. */
function ownerOf(file: string): string | number {
  const owner = statSync(file).uid;
  return owner === process.getuid?.() ? ownUser() : owner;
}

/**
 * The variables that Ansible gives a template file about itself; its own `ansible_managed` is the playbook's to set.
 * `written`: how the file is named where it is asked for.
 */
export function templateVariables(
  file: string,
  scope: Pick<Scope, 'has'>,
  written: string,
): Readonly<Record<string, unknown>> {
  return {
    ...(scope.has('ansible_managed') ? {} : { ansible_managed: managed(file, written) }),
    ...(scope.has('template_destpath') ? {} : { template_destpath: null }),
    template_host: hostname(),
    template_path: written,
    template_fullpath: resolve(file),
    get template_uid() {
      return ownerOf(file);
    },
    get template_mtime() {
      return new DateTime(nakedClock(statSync(file).mtimeMs, false));
    },
    get template_run_date() {
      return new DateTime(nakedClock(Date.now(), false));
    },
  };
}
