import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { type Cut, cutOut, replacedIn, treeOf, withoutNames } from './cut-out.ts';
import { instead } from './instead.ts';

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
    name: 'cut-grpc',
    setup: ({ onLoad, onEnd, initialOptions: { outfile = '' } }) => {
      onLoad({ filter: /@grpc\/grpc-js\/build\/src\/.*\.js$/ }, ({ path }) => ({
        contents: cut(path, readFileSync(path, 'utf8')),
      }));
      onEnd(({ errors }) => {
        const mention = new RegExp(`\\.(?:${Object.values(unneeded).flat().join('|')})\\b`);
        const [found] = errors.length > 0 ? [] : (mention.exec(readFileSync(outfile, 'utf8')) ?? []);
        if (found !== undefined) throw new Error(`${outfile} asks for ${found}, which ${import.meta.filename} cuts`);
      });
    },
  },
];

/** What a server declares that never takes a port itself, keeps no diagnostics, and has credentials of its own and no interceptors. */
const unneeded: Readonly<Record<string, readonly string[]>> = {
  'server.js': [
    ...['bindAsync', 'bindPort', 'bindAddressList', 'bindManyPorts', 'bindOneAddress', 'resolvePort', 'normalizePort'],
    ...['unbind', 'completeUnbind', 'drain', 'forceShutdown', 'removeService', 'unregister'],
    ...['addProtoService', 'addHttp2Port', 'experimentalRegisterListenerToChannelz', 'getChannelzRef'],
    ...['experimentalUnregisterListenerFromChannelz', 'getChannelzInfo', 'getChannelzSessionInfo'],
    ...['_channelzHandler', '_channelzSessionHandler', '__runInitializers', '__esDecorate', 'deprecate'],
  ],
  'server-credentials.js': [
    ...['createInsecure', 'InsecureServerCredentials', 'createSsl', 'SecureServerCredentials'],
    ...['createCertificateProviderServerCredentials', 'CertificateProviderServerCredentials'],
    ...['createServerCredentialsWithInterceptors', 'InterceptorServerCredentials'],
  ],
  'server-interceptors.js': [
    ...['ServerListenerBuilder', 'isInterceptingServerListener', 'InterceptingServerListenerImpl', 'ResponderBuilder'],
    ...['defaultServerListener', 'defaultResponder', 'ServerInterceptingCall'],
  ],
  'server-call.js': ['ServerUnaryCallImpl', 'ServerReadableStreamImpl'],
  'metadata.js': ['getMap', 'getOptions', 'setOptions', 'getOpaque', 'setOpaque'],
};

/** What writes traces, which only variables of the environment would ask for that an agent does not take over from its login. */
const traces: Readonly<Record<string, readonly string[]>> = {
  'server.js': ['trace', 'keepaliveTrace', 'serverCallTrace'],
  'server-interceptors.js': ['trace'],
  'logging.js': ['trace', 'isTracerEnabled'],
};

/** Where what is left of the server would mention it; with the decorator of a method that nobody calls. */
const mentions: readonly (readonly [mention: RegExp, instead: string])[] = [
  [/this\.channelzEnabled\s*\? this\._channelzHandler\s*:/, ''],
  [/this\.channelzEnabled\s*\? this\._channelzSessionHandler\(http2Server\)\s*:/, ''],
  [/\(\) => this\.getChannelzInfo\(\)/, 'undefined'],
  [/let Server = \(\(\) => \{\s*var _a;[^{}]*return _a = class Server \{/, 'class Server {'],
  [/\(__runInitializers\(this, _instanceExtraInitializers\), (new Map\(\))\)/, '$1'],
  [/,\s*\(\(\) => \{\s*const _metadata[\s\S]*?\}\)\(\),\s*_a;\s*\}\)\(\);/, ''],
];

function cut(path: string, text: string): string {
  const file = basename(path);
  // For whoever imports a default of it, and of names that are given a value below.
  const rest = text.replace(/^Object\.defineProperty\(exports, "__esModule".*\n|^(?:exports\.\w+ = )+void 0;\n/gm, '');
  const kept = withoutTraces(path, file === 'server.js' ? replacedIn(path, rest, mentions) : rest);
  return withoutNames(path, kept, [...(unneeded[file] ?? []), ...(traces[file] ?? [])]);
}

function withoutTraces(path: string, text: string): string {
  const cuts: Cut[] = [];
  const visit = (node: ts.Node): void => {
    const isTrace = ts.isExpressionStatement(node) && /^(?:\w+\.)?(?:\w*T|t)race\(/.test(node.getText());
    const ifTraced = ts.isIfStatement(node) && node.expression.getText().startsWith('logging.isTracerEnabled(');
    if (isTrace || ifTraced) cuts.push([node.pos, node.end]);
    else ts.forEachChild(node, visit);
  };
  visit(treeOf(path, text));
  return cutOut(text, cuts);
}
