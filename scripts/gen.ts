// Makes what is derived: the gRPC code from proto/, and the registries from their folders.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Writes `<folder>/registry.gen.ts`: every file of the folder that is not the contract exports its definition under `exported`. */
function registry(folder: string, contract: string, exported: string, type: string): void {
  const names = readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.gen.ts') && file !== contract)
    .map((file) => file.slice(0, -3))
    .sort();
  const variable = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const lines = [
    '// Made by scripts/gen.ts from the files of this folder.',
    `import type { ${type} } from './${contract}';`,
    ...names.map((name) => `import { ${exported} as ${variable(name)}_ } from './${name}.ts';`),
    '',
    `const all: readonly ${type}[] = [${names.map((name) => `${variable(name)}_`).join(', ')}];`,
    '',
    `export const registry: ReadonlyMap<string, ${type}> = new Map(all.map((entry) => [entry.name, entry]));`,
    '',
  ];
  writeFileSync(join(root, folder, 'registry.gen.ts'), lines.join('\n'));
}

execFileSync(join(root, 'node_modules/.bin/buf'), ['generate'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
registry('agent/modules', 'module.ts', 'module', 'AnyModule');
registry('controller/actions', 'action.ts', 'action', 'AnyAction');
registry('controller/reach/why/causes', 'cause.ts', 'cause', 'Cause');
registry('controller/reach/doctor/checks', 'check.ts', 'check', 'Check');
registry('controller/lint/rules', 'rule.ts', 'rule', 'Rule');
