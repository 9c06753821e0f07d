// What a route is: a method, a path, and a function from a request to an answer.
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './access.ts';
import type { Answer } from './answer.ts';
import type { Parameters } from './parameters.ts';

export type ReadBody = <T>(use: (bytes: Buffer) => T) => Promise<T>;

export interface ApiRequest {
	readonly parameters: Parameters;
	/** What stands for `{id}` in the path. */
	readonly id: string;
	readonly caller: Caller;
	readonly headers: IncomingHttpHeaders;
	/** Reads the body, which is there for the call of `use` alone; rejects with a `Refusal`. */
	readonly body: ReadBody;
	/** Aborted when the asker goes away. */
	readonly signal: AbortSignal;
}

/** An answer that has no end: `open` is given a way to send, and answers how to end it. */
export interface Stream {
	readonly headers: Readonly<Record<string, string>>;
	/** `send` answers false when the asker does not take what is sent. */
	readonly open: (send: (text: string) => boolean) => () => void;
}

export interface Route {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** May hold one `{id}`. */
	readonly path: string;
	/** Who may: anybody, whoever has a token, or those and agents with tokens of their own. */
	readonly access: 'anybody' | 'reader' | 'agent';
	/** One line, for openapi.json. */
	readonly about: string;
	/** Names of query parameters, for openapi.json. */
	readonly parameters: readonly string[];
	/** Of the answer, where it is not JSON alone. */
	readonly types?: readonly string[];
	readonly handle: (request: ApiRequest) => Promise<Answer | Stream>;
}
