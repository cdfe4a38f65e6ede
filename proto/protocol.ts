/** Version of the wire contract in agent.proto; raised when an older peer would misunderstand. */
export const protocolVersion = 1;
