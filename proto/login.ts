/** Who asks a server. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What basic authentication says of who asks (RFC 7617). */
export function basicHeader({ user, password }: Login): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
