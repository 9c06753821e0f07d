// The body of `POST /sync`, of old agents and of netmon's: bytes -> a typed value, or a sentence. Strict where the old
// master is (all 33 fields with their types), and with bounds: what cannot be a number of bytes poisons every sum.

import { unpackRows } from '../../rowgroups.ts';
import {
	type AgentHealth,
	type Device,
	type Gap,
	type LivePart,
	type Row,
	type RowGroup,
	type WireRecord,
	wireVersion,
} from '../../wire.ts';
import { readHealth } from './agenthealth.ts';
import { deeperThan } from './depth.ts';
import { repeatedKey } from './repeatedkey.ts';

export interface ParsedSync {
	readonly agent: string;
	/** ms since the Unix epoch. */
	readonly timestamp: number;
	readonly records: readonly WireRecord[];
	/** null: an old agent's. */
	readonly netmon: ParsedNetmon | null;
}

export interface ParsedNetmon {
	readonly instance: string;
	readonly epoch: string;
	readonly after: number;
	readonly records: readonly number[];
	readonly rows: readonly Row[];
	/** The same, as they came. */
	readonly groups: readonly RowGroup[];
	readonly gaps: readonly Gap[];
	readonly devices: readonly Device[];
	/** null: it says nothing of itself. */
	readonly health: AgentHealth | null;
	readonly live: LivePart | null;
	readonly tz: string;
}

export interface SyncFault {
	readonly error: string;
	/** 400 where it is absent. */
	readonly status?: 426;
}

const textFields = [
	...['id', 'last_updated', 'start', 'network', 'conn_type', 'source_ip', 'destination_ip', 'source_geoip'],
	...['destination_geoip', 'source_ip_asn', 'destination_ip_asn', 'source_port', 'destination_port', 'inbound_ip'],
	...['inbound_port', 'inbound_name', 'inbound_user', 'host', 'dns_mode', 'process', 'process_path'],
	...['special_proxy', 'special_rules', 'remote_destination', 'sniff_host', 'chains', 'rule', 'rule_payload'],
] as const;
const numberFields = ['download', 'upload', 'uid', 'dscp'] as const;

export const maxTextLength = 4096;
const maxIdLength = 128;
/** 2^48 bytes in one connection is a fault: 32,000 such make no sum inexact. */
export const maxBytes = 2 ** 48;
export const maxRecords = 50_000;
const maxRows = 200_000;
const maxGaps = 1_000;
const maxDevices = 4_096;
/** Ours have 5. */
export const maxLevels = 32;
export const tooDeep = `the body is nested more than ${maxLevels} deep`;
/** 2000-01-01 to 2100-01-01: what a clock without a battery says is no time. */
const [minTime, maxTime] = [946_684_800_000, 4_102_444_800_000];

export const agentName = /^[\w.-]{1,64}$/;

/** Never throws. */
export function parseSync(body: Uint8Array): ParsedSync | SyncFault {
	if (deeperThan(body, maxLevels)) return { error: tooDeep };
	let value: unknown;
	try {
		value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
	} catch {
		return { error: 'the body is not JSON' };
	}
	const twice = repeatedKey(body);
	if (twice !== null)
		return { error: `the key ${JSON.stringify(twice.slice(0, maxIdLength))} stands twice in an object` };
	if (!isObject(value)) return { error: 'the body is not an object' };
	const { agent_id, timestamp, connections } = value;
	if (typeof agent_id !== 'string' || !agentName.test(agent_id)) {
		return { error: 'agent_id is not 1 to 64 letters, digits, "-", "_" and "."' };
	}
	const time = parseTime(timestamp);
	if (time === null) return { error: 'timestamp is not an RFC 3339 time' };
	if (!Array.isArray(connections) || connections.length > maxRecords) {
		return { error: `connections is not a list of at most ${maxRecords}` };
	}
	for (const [index, record] of connections.entries()) {
		const fault = faultOf(record);
		if (fault) return { error: `connections[${index}]: ${fault}` };
	}
	const records = connections as WireRecord[];
	if (!Object.hasOwn(value, 'netmon') || value.netmon === null) {
		return { agent: agent_id, timestamp: time, records, netmon: null };
	}
	const netmon = parseNetmon(value.netmon, records.length);
	return 'error' in netmon ? netmon : { agent: agent_id, timestamp: time, records, netmon };
}

function parseNetmon(value: unknown, recordCount: number): ParsedNetmon | SyncFault {
	if (!isObject(value)) return { error: 'netmon is not an object' };
	const { version, instance, epoch, after, records, rows, gaps, devices, health, live, tz } = value;
	if (version !== wireVersion)
		return { error: `this master speaks version ${wireVersion} of netmon's sync`, status: 426 };
	if (!isName(instance) || !isName(epoch)) return { error: 'netmon.instance or netmon.epoch is no short text' };
	if (!isCount(after)) return { error: 'netmon.after is no count' };
	const numbered = Array.isArray(records) && (records.length === recordCount || records.length === 0);
	if (!numbered || !records.every(isCount)) {
		return { error: 'netmon.records is not one number for each connection' };
	}
	if (!Array.isArray(rows)) return { error: 'netmon.rows is no list' };
	const unpacked = unpackRows(rows);
	if (!unpacked || unpacked.length > maxRows) return { error: 'netmon.rows holds a row that is none' };
	const odd = unpacked.find((row, index) => faultOfRow(row) || row.seq <= (unpacked[index - 1]?.seq ?? after));
	if (odd) return { error: `netmon.rows: row ${odd.seq} is out of order or out of bounds` };
	if (!Array.isArray(gaps) || gaps.length > maxGaps || !gaps.every(isGap))
		return { error: 'netmon.gaps is no list of gaps' };
	if (!Array.isArray(devices) || devices.length > maxDevices || !devices.every(isDevice)) {
		return { error: 'netmon.devices is no list of devices' };
	}
	return {
		instance,
		epoch,
		after,
		records,
		rows: unpacked,
		groups: rows as RowGroup[],
		gaps,
		devices,
		health: readHealth(health),
		live: isObject(live) && isObject(live.speeds) ? (live as unknown as LivePart) : null,
		tz: isName(tz) ? tz : 'UTC',
	};
}

/** null: the record is as it should be. */
export function faultOf(value: unknown): string | null {
	if (!isObject(value)) return 'is not an object';
	for (const field of textFields) {
		const text = value[field];
		if (typeof text !== 'string') return `${field} is no text`;
		if (text.length > maxTextLength) return `${field} is longer than ${maxTextLength}`;
	}
	for (const field of numberFields) if (!isCount(value[field])) return `${field} is no whole number from 0 on`;
	const { id, agent_id, download, upload, start, last_updated } = value as unknown as WireRecord;
	if (id === '' || id.length > maxIdLength) return `id is not 1 to ${maxIdLength} characters`;
	if (agent_id !== undefined && agent_id !== null && !(typeof agent_id === 'string' && agentName.test(agent_id))) {
		return 'agent_id is no name of an agent';
	}
	if (download > maxBytes || upload > maxBytes) return 'download or upload is more than any connection moves';
	if (parseTime(start) === null || parseTime(last_updated) === null) return 'start or last_updated is no RFC 3339 time';
	return null;
}

function faultOfRow({ bucket, since, up, down }: Row): boolean {
	return (
		bucket * 1000 > maxTime ||
		(since ?? 0) < 0 ||
		(since ?? 0) * 1000 > maxTime ||
		Math.abs(up) > maxBytes ||
		Math.abs(down) > maxBytes
	);
}

/** RFC 3339 -> ms since the Unix epoch; null = no time, or none that a connection can have. */
export function parseTime(text: unknown): number | null {
	if (typeof text !== 'string') return null;
	const usual = usualTime(text);
	if (usual !== null) return usual;
	if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(text)) {
		return null;
	}
	const time = Date.parse(text.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'));
	return time >= minTime && time <= maxTime ? time : null;
}

const dayMs = 86_400_000;
/** Each time of a body lies in the day of the one before it, nearly always. */
const lastDay = { text: '', ms: 0 };

/** `2026-01-01T00:00:00.123456789+00:00` or with Z: what agents send, without the cost of `Date.parse`. null = look closer. */
function usualTime(text: string): number | null {
	if (!text.startsWith(lastDay.text) || lastDay.text === '') {
		const day = text.slice(0, 11);
		if (!/^\d{4}-\d\d-\d\dT$/.test(day)) return null;
		const ms = Date.parse(`${day}00:00:00Z`);
		if (!(ms >= minTime && ms + dayMs <= maxTime)) return null;
		lastDay.text = day;
		lastDay.ms = ms;
	}
	const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
	if (text[13] !== ':' || text[16] !== ':' || !(hour < 24 && minute < 60 && second < 60)) return null;
	let at = 19;
	let fraction = 0;
	if (text[19] === '.') {
		for (at = 20; isDigit(text.charCodeAt(at)); at += 1) {
			if (at < 23) fraction += (text.charCodeAt(at) - zero) * 10 ** (22 - at);
		}
		if (at === 20 || at > 29) return null;
	}
	const utc = at === text.length - 1 ? text[at] === 'Z' : at === text.length - 6 && text.endsWith('+00:00');
	return utc ? lastDay.ms + hour * 3_600_000 + minute * 60_000 + second * 1_000 + fraction : null;
}

const zero = 48;
const isDigit = (code: number) => code >= zero && code <= zero + 9;

/** NaN where there are none. */
function twoDigits(text: string, at: number): number {
	const [tens, ones] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
	return isDigit(tens) && isDigit(ones) ? (tens - zero) * 10 + ones - zero : Number.NaN;
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
	return typeof value === 'string' && value.length > 0 && value.length <= 64;
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDevice(value: unknown): value is Device {
	if (!isObject(value)) return false;
	const { ip, mac, name, random, from, to } = value;
	const texts = isName(ip) && (mac === undefined || isName(mac));
	const named = name === undefined || (typeof name === 'string' && name.length <= maxTextLength);
	const times = [from, to].every((time) => time === undefined || isCount(time));
	return texts && named && times && (random === undefined || typeof random === 'boolean');
}

function isGap(value: unknown): value is Gap {
	if (!isObject(value)) return false;
	const { from, to, what, lost } = value;
	const fine = lost === undefined || (isObject(lost) && isCount(lost.up) && isCount(lost.down));
	return isCount(from) && isCount(to) && typeof what === 'string' && what.length <= maxTextLength && fine;
}
