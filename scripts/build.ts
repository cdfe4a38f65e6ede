// Bundles the controller (one file, with V8's compiled form of it) and the agent (one file that a bare node runs).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { nodeOptions } from '../controller/connect/agent-paths.ts';
import { askedMembers } from './asked-members.ts';
import { cutModules } from './cut-modules.ts';
import { buildFirstStart } from './first-start.ts';
import { lazyRegistry } from './lazy-registry.ts';
import { namesOfNode } from './names-of-node.ts';
import { oneWay } from './one-way.ts';
import { serverOfGrpc } from './server-of-grpc.ts';
import { noJsonSchema, noProtoLoader, plainWidth } from './unneeded.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

/** A part of the program that is a file of its own, beside the one that asks for it. */
const apart = (part: string): Plugin => ({
  name: 'apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`/${part}\\.ts$`) }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${basename(part)}.cjs`, external: true },
    ),
});

const common: BuildOptions = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename', 'import.meta.url': '__url' },
  plugins: [noProtoLoader, lazyRegistry],
  logLevel: 'warning',
};
/** A file of its own that is run, with the line that its text begins with. */
const script = (start: string): Pick<BuildOptions, 'outdir' | 'banner'> => ({ outdir: dist, banner: { js: start } });

// The shell reads its second line, which says nothing in JavaScript. No public authority is trusted here, and to read Node's own list of
// them costs a warm run a tenth of its time. Not every env(1) knows -S.
await build({
  ...common,
  ...script(`#!/bin/sh
':' //; exec node --use-openssl-ca "$0" "$@"`),
  entryPoints: [{ in: join(root, 'controller/launch.ts'), out: 'orch' }],
});
await build({
  ...common,
  ...script('#!/usr/bin/env node'),
  entryPoints: [
    { in: join(root, 'controller/connect/calls/remote-shell.ts'), out: 'remote-shell' },
    { in: join(root, 'controller/testbed/relay.ts'), out: 'testbed-relay' },
    { in: join(root, 'controller/testbed/segment.ts'), out: 'testbed-segment' },
  ],
});
const workstation: BuildOptions = {
  ...common,
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href;" },
  // Optional parts of ssh2, written in C.
  external: ['*.node', 'cpu-features'],
  // What is imported when it is needed is in the same file.
  supported: { 'dynamic-import': false },
};
await build({
  ...workstation,
  entryPoints: [join(root, 'controller/main.ts')],
  plugins: [
    apart('doc/documented'),
    oneWay('client'),
    noProtoLoader,
    noJsonSchema,
    lazyRegistry,
    plainWidth,
    cutModules(['docs', 'work'], ['docs']),
  ],
});
await build({
  ...workstation,
  entryPoints: [join(root, 'controller/doc/documented.ts')],
  plugins: [noProtoLoader, lazyRegistry, cutModules(['work'], ['work'])],
});
// Not within the file that starts it: Node would scan it there as a text before V8 sees it as a program.
const program = join(dist, 'agent-program.cjs');
await build({
  ...common,
  entryPoints: [join(root, 'agent/main.ts')],
  outfile: program,
  plugins: [
    ...serverOfGrpc,
    oneWay('server'),
    noProtoLoader,
    noJsonSchema,
    askedMembers,
    namesOfNode,
    lazyRegistry,
    cutModules(['docs', 'language'], []),
  ],
  // Once is enough: TypeScript's files would say it each, in five kilobytes.
  banner: { js: '(function (require, __filename, __dirname) {"use strict";' },
  tsconfigRaw: { compilerOptions: { strict: false, alwaysStrict: false, verbatimModuleSyntax: true } },
  footer: { js: '})' },
  // What is imported when it is needed is in the same file, or in Node.
  supported: { 'dynamic-import': false },
});
await build({
  ...common,
  entryPoints: [join(root, 'agent/launch.ts')],
  outfile: join(dist, 'agent.cjs'),
  define: { ...common.define, programHash: JSON.stringify(sha256(readFileSync(program))) },
});
// What custom modules in Python import, and what runs plugins in Python.
for (const folder of ['module_utils', 'plugin_host']) {
  cpSync(join(root, 'controller/custom', folder), join(dist, folder), { recursive: true });
}
await buildFirstStart(common, join(dist, 'first-start.cjs'));
// Else the package's own type would make modules of the scripts.
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
compile('code-cache.ts');
// V8 takes a compiled form only under the flags that it was made with.
compile('agent-cache.ts', nodeOptions);

chmodSync(join(dist, 'orch.js'), 0o755);
// So that `npx orch` works in the checkout.
const link = join(root, 'node_modules/.bin/orch');
mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
rmSync(link, { force: true });
symlinkSync('../../dist/orch.js', link);
// The Node that is packaged for hosts must not become the one that scripts here run on.
rmSync(join(root, 'node_modules/.bin/node'), { force: true });

/** Runs the script that writes a compiled form. */
function compile(script: string, flags: readonly string[] = []): void {
  execFileSync(process.execPath, [...flags, '--import', 'tsx', join(import.meta.dirname, script)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
