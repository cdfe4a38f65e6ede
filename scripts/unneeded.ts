import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** A plugin that puts `contents` in the place of each import that `imported` matches, where its importer matches `importer`. */
function instead(name: string, imported: RegExp, contents: string, importer = /./): Plugin {
  return {
    name,
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: imported }, ({ path, importer: from, resolveDir }) => {
        return importer.test(from) ? { path, namespace: name, pluginData: resolveDir } : undefined;
      });
      onLoad({ filter: /.*/, namespace: name }, ({ pluginData: resolveDir }) => ({ contents, resolveDir }));
    },
  };
}

/**
 * yargs lays out its help by string-width, which takes 25 ms to load: it prepares for all of Unicode's emoji. The help is
 * plain text, as wide as it is long.
 */
export const plainWidth = instead('plain-width', /^string-width$/, 'export default (text) => text.length;');

/** grpc-js reads .proto files only to serve its own diagnostics, which nobody asks for here: a fifth of the agent's file. */
export const noProtoLoader = instead(
  'no-proto-loader',
  /^@grpc\/proto-loader$/,
  'export function loadSync() { throw new Error("orch serves no diagnostics of grpc-js"); }',
);

/**
 * The half of grpc-js that an agent is made of. It calls nobody, and takes its connections itself: what clients are made of, and
 * what looks names up, would be a fifth of its file and a tenth of its start.
 */
export const serverOfGrpc: readonly Plugin[] = [
  instead(
    'server-of-grpc',
    /^@grpc\/grpc-js$/,
    [
      "export { Server } from '@grpc/grpc-js/build/src/server.js';",
      "export { ServerCredentials } from '@grpc/grpc-js/build/src/server-credentials.js';",
      "export { Metadata } from '@grpc/grpc-js/build/src/metadata.js';",
      "export { Status as status } from '@grpc/grpc-js/build/src/constants.js';",
      'export const makeGenericClientConstructor = () => undefined;',
    ].join('\n'),
  ),
  // A server that keeps no diagnostics of its connections makes these, and nothing else of them.
  instead(
    'no-channelz',
    /^\.\/channelz$/,
    [
      'class Nothing { addTrace() {} refChild() {} unrefChild() {} addCallStarted() {} addCallSucceeded() {} addCallFailed() {} }',
      'export { Nothing as ChannelzTraceStub, Nothing as ChannelzCallTrackerStub, Nothing as ChannelzChildrenTrackerStub };',
      'const reference = (name) => ({ id: 0, name });',
      'export { reference as registerChannelzServer, reference as registerChannelzSocket };',
      'export function unregisterChannelzRef() {}',
    ].join('\n'),
    /grpc-js/,
  ),
  // Of a call's load reports a server keeps the recorder, which here nobody writes to; the rest is a client's.
  instead('no-load-reports', /^\.\/orca$/, 'export class PerRequestMetricRecorder {}', /grpc-js/),
  instead(
    'no-client-of-grpc',
    /^\.\/make-client$/,
    'export function loadPackageDefinition() { throw new Error("orch serves no diagnostics of grpc-js"); }',
    /grpc-js/,
  ),
  {
    name: 'no-preambles',
    setup: ({ onLoad }) =>
      onLoad({ filter: /@grpc\/grpc-js\/build\/src\/.*\.js$/ }, ({ path }) => {
        // For whoever imports a default of it, and of names that are given a value below.
        const preamble = /^Object\.defineProperty\(exports, "__esModule".*\n|^(?:exports\.\w+ = )+void 0;\n/gm;
        return { contents: readFileSync(path, 'utf8').replace(preamble, '') };
      }),
  },
];

/** Formats of texts that zod's strings can be held against: an agent has its own of what it asks for. */
export const noFormats: Plugin = {
  name: 'no-formats',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/classic\/schemas\.js$/ }, ({ path }) => {
      const method = /^ {4}\w+\(params\) \{\n {8}return this\.check\(core\._\w+\(Zod\w+, params\)\);\n {4}\},\n/gm;
      return { contents: readFileSync(path, 'utf8').replace(method, '') };
    }),
};

/** zod's schemas can tell themselves as JSON Schema; an agent only checks by them. */
export const noJsonSchema = instead(
  'no-json-schema',
  /\/(json-schema-processors|to-json-schema)\.js$/,
  'export const createToJSONSchemaMethod = () => undefined, createStandardJSONSchemaMethod = createToJSONSchemaMethod;',
  /zod\/v4\/classic\/schemas\.js$/,
);
