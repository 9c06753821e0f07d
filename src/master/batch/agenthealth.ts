// What an agent says of itself, read with bounds. It is shown and never accounted, so what is not understood is left
// out, and a body is not refused for it.
import type { AgentHealth } from '../../wire.ts';

type Parts = AgentHealth['parts'];

const maxParts = 32;
const maxTextLength = 512;

/** null: nothing that this master understands. */
export function readHealth(value: unknown): AgentHealth | null {
	if (!isObject(value) || !isObject(value.wan)) return null;
	const { version, started, parts, backlog_seconds: backlog, wan } = value;
	if (!isText(version) || !isText(started) || !Array.isArray(parts) || !isObject(wan)) return null;
	return {
		version,
		started,
		parts: parts.slice(0, maxParts).flatMap((part): Parts => (isPart(part) ? [copyOf(part)] : [])),
		backlog_seconds: typeof backlog === 'number' && backlog >= 0 ? backlog : 0,
		wan: {
			source: isText(wan.source) ? wan.source : null,
			devices: Array.isArray(wan.devices) ? wan.devices.filter(isText).slice(0, maxParts) : [],
			why: isText(wan.why) ? wan.why : '',
		},
	};
}

function copyOf({ part, state, since, last_error }: Parts[number]): Parts[number] {
	return { part, state, since, last_error };
}

function isPart(value: unknown): value is Parts[number] {
	if (!isObject(value)) return false;
	const { part, state, since, last_error: error } = value;
	return isText(part) && isText(state) && isText(since) && (error === null || isText(error));
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value.length <= maxTextLength;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
