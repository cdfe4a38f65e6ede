import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { asOrchError } from './engine/steps/diagnostic.ts';

/** Metadata key of an OrchError's fields as JSON {code, summary, detail, hint}, beside gRPC's own code and text. */
export const errorKey = 'orch-error-bin';

/** Characters of a text: an answer with more headers than HTTP/2 takes is lost as a whole. */
const most = 2000;

/** A failure of the agent as the error of a call. */
export function rpcError(error: unknown, code: status = status.FAILED_PRECONDITION): Partial<ServiceError> {
  const failure = asOrchError(error);
  const metadata = new Metadata();
  const [summary = '', detail, hint] = [failure.summary, failure.detail, failure.hint].map((text) =>
    text?.slice(0, most),
  );
  metadata.set(errorKey, Buffer.from(JSON.stringify({ code: failure.code, summary, detail, hint })));
  return { code: failure.code === 'internal' ? status.INTERNAL : code, details: summary, metadata };
}
