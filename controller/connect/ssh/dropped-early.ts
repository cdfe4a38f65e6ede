/** sshd dropped the connection before it said anything: MaxStartups. Worth another try. */
export class DroppedEarly extends Error {}
