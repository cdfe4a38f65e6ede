import { createHash } from 'node:crypto';
import * as z from 'zod';
import { OrchError } from '../../../../proto/errors.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { contentSums, heldBytes, isLarge, type LargeContent } from '../../module.ts';

/** What a file has or is to have. */
export type Content = Buffer | LargeContent;

/** Larger texts are told by their size in a diff. */
const shownBytes = 256 * 1024;

/** The content of a file; undefined where it is gone. `held`: what is larger is not read into memory. */
export async function readContent(
  host: Host,
  path: string,
  { size }: FileState,
  held = heldBytes,
): Promise<Content | undefined> {
  if (size <= held) return host.readFile(path);
  const digest = await host.digest(path, contentSums);
  return digest && { ...digest, at: { file: path } };
}

/** The bytes of a content that is to be read as a text. Throws OrchError where it is too large for that. */
export function bytesOf(content: Content, path: string): Buffer {
  if (!isLarge(content)) return content;
  throw new OrchError({ code: 'task-failed', summary: `${path} is larger than ${heldBytes} bytes.` });
}

export function sizeOf(content: Content): number {
  return isLarge(content) ? content.size : content.length;
}

export function isSame(a: Content | undefined, b: Content): boolean {
  if (a === undefined) return false;
  return isLarge(a) || isLarge(b) ? sumOf('sha256', a) === sumOf('sha256', b) : a.equals(b);
}

export function sha1(content: Uint8Array | LargeContent): string {
  return sumOf('sha1', content);
}

/** Undefined of a large content: it would take longer than all else. */
export function md5(content: Content): string | undefined {
  return isLarge(content) ? undefined : createHash('md5').update(content).digest('hex');
}

function sumOf(algorithm: (typeof contentSums)[number], content: Uint8Array | LargeContent): string {
  return isLarge(content) ? content.sums[algorithm] : createHash(algorithm).update(content).digest('hex');
}

/** A content as an action has it. */
export function inAction(content: Content): string | LargeContent {
  return isLarge(content) ? content : content.toString('base64');
}

/** A content that the workstation sends when it is asked for. */
export const apartParam = z.strictObject({
  id: z.string().min(1),
  size: z.int().min(0),
  sums: z.strictObject({ sha1: z.string(), sha256: z.string() }),
});

/** A content as the workstation put it into a task's parameters; undefined: not at all. */
export function sentContent(params: SentContent): Content | undefined {
  const { content_base64: whole, content_apart: apart } = params;
  if (apart !== undefined) return { size: apart.size, sums: apart.sums, at: { apart: apart.id } };
  return whole === undefined ? undefined : Buffer.from(whole, 'base64');
}

interface SentContent {
  readonly content_base64?: string | undefined;
  readonly content_apart?: z.infer<typeof apartParam> | undefined;
}

function isText(content: Uint8Array): boolean {
  if (content.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** Why a content has no place in a diff. */
export interface Unshown {
  readonly why: string;
  readonly sha1: string;
}

/** Files above this size are not compared in a diff, as in Ansible. */
const mostCompared = 104_448;

/** A file's content for a diff of its own: its text, or why that is not shown. */
export function compared(content: Buffer | LargeContent): string | Unshown {
  if (sizeOf(content) > mostCompared) return { why: `size is greater than ${mostCompared}`, sha1: sha1(content) };
  if (isLarge(content) || content.includes(0)) return { why: 'appears to be binary', sha1: sha1(content) };
  return content.toString('utf8');
}

export function isUnshown(content: unknown): content is Unshown {
  return typeof content === 'object' && content !== null && 'why' in content;
}

/** A file's content as part of a state that a diff shows: its text, or what it is. */
export function shown(content: Uint8Array | LargeContent): string {
  if (isLarge(content)) return `(${content.size} bytes, sha1 ${sha1(content)})`;
  if (content.length <= shownBytes && isText(content)) return new TextDecoder().decode(content);
  return `(${isText(content) ? 'text' : 'binary'}, ${content.length} bytes, sha1 ${sha1(content)})`;
}
