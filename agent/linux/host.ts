import type { Digest } from '../../proto/digest.ts';
import type { Login } from '../../proto/login.ts';
import type { DaemonState } from './daemons/spec.ts';
import type { LargeContent } from './files/large-content.ts';
import type { ProxyVariables } from './web/web-proxy.ts';

/** What modules may ask of the host. The real one is in this folder; tests answer from case files. */
export interface Host {
  /**
   * One query (`ip -j -d ARGS`) in a namespace; absent netns: the host's own. ARGS may start with -4 or -6 (route, rule and
   * neigh list one family at a time; `ip -batch` takes the family as its own option only, never inside a line).
   * Rows are the parsed JSON. A named device, table or namespace that does not exist gives `missing` and no rows;
   * any other error of ip is thrown as OrchError 'command-failed'.
   */
  ip(args: readonly string[], netns?: string): Promise<IpReply>;
  /** Reads /proc/sys/KEY as seen from a namespace; undefined when there is no such key. `key` with slashes. */
  sysctl(key: string, netns?: string): Promise<string | undefined>;
  /** Names in /run/netns, sorted. */
  netnsNames(): Promise<readonly string[]>;
  /** True when check mode has promised this object: it is not there yet, but a task before this one would make it. */
  promised(
    ref: { kind: 'netns' | 'files'; name: string } | { kind: 'link'; netns?: string | undefined; name: string },
  ): boolean;
  /** Runs a program to its end; never through a shell. Resolves with any exit status; throws only when it cannot be started. */
  exec(command: HostCommand, options?: ExecOptions): Promise<ExecResult>;
  /**
   * Runs a program in a new network namespace that ends with it and has links of these names: what a tool makes of a
   * text can be learned there without touching anything.
   */
  scratch(links: readonly ScratchLink[], command: HostCommand): Promise<ExecResult>;
  /** What the tasks of this run have asked for until now, in order; `name`: those whose parameter of that name says this. */
  asked(name?: string): readonly Asked[];
  /** True when this lab made or changed the object before. */
  owns(object: string): boolean;
  /** File or undefined; at most `limit` bytes (default 64 MiB, beyond: OrchError). */
  readFile(path: string, limit?: number): Promise<Buffer | undefined>;
  /** So many bytes of a regular file from an offset on, fewer at its end; otherwise as readFile. */
  readPiece(path: string, from: number, bytes: number): Promise<Buffer | undefined>;
  /** Checksums of a regular file of any size, in hexadecimal digits; undefined where there is none. Errors as readFile. */
  digest<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined>;
  /** The path of a file that has this content, and that the task's user may read; it is gone with the task. */
  fileWith(content: Buffer | LargeContent): Promise<string>;
  /** Asks a web server. Throws OrchError 'command-failed' where no answer comes; any status is one. */
  web(request: WebRequest): Promise<WebReply>;
  /** lstat, or undefined. */
  stat(path: string): Promise<FileState | undefined>;
  readDir(path: string): Promise<readonly string[] | undefined>;
  /** The uid and gid of names, from getent; undefined when unknown. */
  user(name: string): Promise<{ uid: number; gid: number; home: string } | undefined>;
  group(name: string): Promise<number | undefined>;
  /** A path of the host in full: variables and homes (~, ~user) put in, and the folder that the task's programs start in. */
  absolute(path: string): Promise<string>;
  /** A path with variables and homes put in; a relative one stays so. */
  expanded(path: string): Promise<string>;
  /** A word of a command, with the homes and variables in it that the task's user has. */
  word(word: string): Promise<string>;
  /** A supervised process; undefined: none of this name. */
  daemon(name: string, netns?: string): Promise<DaemonState | undefined>;
  /** The user that this task's commands and files belong to; undefined: root. */
  readonly runAs: string | undefined;
}

/** The files of a host, as somebody sees them. */
export type FileView = Pick<Host, 'stat' | 'readFile' | 'readPiece' | 'readDir' | 'digest'>;

/** One item of a task: its module, and its parameters as that module's schema made them. */
export interface Asked {
  readonly module: string;
  readonly params: unknown;
}

export interface IpReply {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly missing: boolean;
}

export interface ScratchLink {
  readonly name: string;
  readonly mtu?: number | undefined;
  readonly queueLength?: number | undefined;
}

export interface HostCommand {
  readonly argv: readonly string[];
  readonly netns?: string | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdin?: string | undefined;
  readonly runAs?: string | undefined;
}

export interface ExecOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly output?: ((chunk: Buffer, stderr: boolean) => void) | undefined;
  /** Takes each piece of standard output as it comes, and may say something to that; standard input then stays open. */
  readonly answer?: ((chunk: Buffer, say: (text: string) => void) => void) | undefined;
  /** It changes no links, so that what is known of them stays right. */
  readonly onlyReads?: boolean | undefined;
  /** Kept output per stream, bytes; what is beyond is cut and said (default 16 MiB). */
  readonly limit?: number | undefined;
}

export interface ExecResult {
  /** Exit status; 128+n when a signal ended it; null when the deadline or the signal option did. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface WebRequest {
  /** http: or https:. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** Time for the answer; where it has no limit, for the next piece of it. */
  readonly timeoutMs: number;
  /** Bytes that the answer may have, unpacked; undefined: what is large is put into a file, which is gone with the task. */
  readonly limit: number | undefined;
  /** Which redirects are followed: those of GET and HEAD are safe; Python's urllib follows those of POST as a GET, too. */
  readonly follow: 'all' | 'safe' | 'urllib2' | 'none';
  /** Who asks, for a server that wants to know it. */
  readonly login?: Login | undefined;
  /** The server's certificate is not checked. */
  readonly insecure: boolean;
  /** Names of headers that are left out where a redirect leads. */
  readonly unredirected?: readonly string[] | undefined;
  /** The answer is taken as it is packed. */
  readonly asPacked?: boolean | undefined;
  /** The client's own certificate, and its key where that is not in the same file (PEM). */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** What OpenSSL takes as a list of ciphers. */
  readonly ciphers?: string | undefined;
  /** Certificates of authorities (PEM) that are trusted instead of the usual ones. */
  readonly caFile?: string | undefined;
  /** Unix socket to ask through. */
  readonly socketPath?: string | undefined;
  /** No proxy is asked, whatever the task's environment says. */
  readonly direct?: boolean | undefined;
  /** Variables that name proxies; the host of a task has those of its environment. */
  readonly proxies?: ProxyVariables | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WebReply {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty where it is large. */
  readonly body: Buffer;
  readonly large?: LargeContent | undefined;
  /** The one that answered at last. */
  readonly url: string;
}

export interface FileState {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly target?: string | undefined;
  /** Of a symbolic link that root looks at: whose word it is, where not root's (safe-path.ts). */
  readonly maker?: number | undefined;
  /** Equal for names of one and the same file: "device:inode". */
  readonly inode?: string | undefined;
  readonly atimeMs?: number | undefined;
  readonly ctimeMs?: number | undefined;
  /** How many names the file has. */
  readonly links?: number | undefined;
  /** What it takes on its disk, in blocks of 512 bytes, and the size that reads of it have best. */
  readonly blocks?: number | undefined;
  readonly blockSize?: number | undefined;
  /** Of a device: which. */
  readonly device?: number | undefined;
  /** What kind of other it is. */
  readonly special?: 'character' | 'block' | 'fifo' | 'socket' | undefined;
}
