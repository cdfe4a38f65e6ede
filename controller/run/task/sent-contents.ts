import { createHash, randomUUID } from 'node:crypto';
import { contentSums, heldBytes } from '../../../agent/modules/module.ts';
import { type Digest, Digester } from '../../../proto/digest.ts';
import type { SentContent } from '../../actions/action.ts';
import type { ContentSource } from '../../connect/calls/bring.ts';

/** All that is sent with one task; beyond, small contents travel apart as well. */
const mostWithTask = 8 * 1024 * 1024;

/** The contents of one task on their way to its host. */
export class SentContents {
  /** Those that the host may ask for, under their names. */
  readonly offers = new Map<string, ContentSource>();
  #withTask = 0;

  /** A content in memory. */
  of(content: Buffer): SentContent {
    const total = this.#withTask + content.length;
    if (content.length > heldBytes || total > mostWithTask) {
      const digester = new Digester(contentSums);
      digester.add(content);
      return this.apart(content, digester.end());
    }
    this.#withTask = total;
    const sha1 = createHash('sha1').update(content).digest('hex');
    return { sha1, params: { content_base64: content.toString('base64') } };
  }

  /** A content that is read when the host asks for it. */
  apart(source: ContentSource, { size, sums }: Digest<(typeof contentSums)[number]>): SentContent {
    const id = randomUUID();
    this.offers.set(id, source);
    return { sha1: sums.sha1, params: { content_apart: { id, size, sums } } };
  }
}
