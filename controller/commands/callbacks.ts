import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallbackName } from '../config/setting-values.ts';
import type { Settings } from '../config/settings.ts';
import { createJunit } from '../report/run/junit.ts';
import { createRoleProfile, createTaskProfile } from '../report/run/profile.ts';
import { createTimer } from '../report/run/timer.ts';
import type { RunEvent } from '../report/types.ts';
import { treeWriter } from './tree-writer.ts';

/** Hears a run beside what prints it. */
type Callback = (event: RunEvent) => void;

type Write = (text: string) => void;

const callbacks: Readonly<Record<CallbackName, (said: Settings, write: Write) => Callback>> = {
  junit: (said) =>
    createJunit(
      {
        taskClass: said.junitTaskClass,
        relativePath: said.junitRelativePath,
        outOfTree: said.junitOutOfTree,
        failOnChange: said.junitFailOnChange,
        failOnIgnore: said.junitFailOnIgnore,
        includeSetup: said.junitIncludeSetup,
        prefix: said.junitPrefix,
      },
      (name, text) => {
        mkdirSync(said.junitOutputDir, { recursive: true });
        writeFileSync(join(said.junitOutputDir, name), text);
      },
    ),
  profile_roles: (_said, write) => createRoleProfile(write),
  profile_tasks: (said, write) =>
    createTaskProfile(write, { limit: said.profileLimit || Number.POSITIVE_INFINITY, order: said.profileOrder }),
  timer: (_said, write) => createTimer(write),
  tree: (said) => treeWriter(said.treeDirectory),
};

/** What callbacks_enabled asks for; `write` is where people are told something. */
export function enabledCallbacks(said: Settings, write: Write): readonly Callback[] {
  return said.callbacksEnabled.map((name) => callbacks[name](said, write));
}
