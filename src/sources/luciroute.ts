// The calls that give counters, from best to worst. A route answers counters, or that this router has not got it;
// which one is allowed is found by trying, guided by the rights the login told.
import type { DeviceCounters } from '../record.ts';
import { sleep } from '../system/clock.ts';
import { deviceStatus, lastRow, networkDevice, type Row } from './lucicounters.ts';
import type { LuciDesk } from './lucidesk.ts';
import { luciErrors } from './lucierror.ts';
import { Freshness } from './lucifresh.ts';
import { type JsonObject, objectNotFound, type RpcCall, type RpcReply } from './lucirpc.ts';

export interface Reading {
	/** Of the devices asked for, those that are there. */
	readonly counters: readonly DeviceCounters[];
	/** Monotonic ms of the answer's first byte. */
	readonly mono: number;
}

export interface Route {
	/** `network.device status`: for people. */
	readonly name: string;
	readonly object: string;
	readonly method: string;
	/** 32: the counters wrap at 4 GiB. */
	readonly counterBits: 32 | 64;
	/** null: this router has no such call. Rejects with `LuciError`. */
	read(desk: LuciDesk, devices: readonly string[]): Promise<Reading | null>;
}

/** luci-bwc writes a row a second. */
const nextRowMs = 1_200;
/** A daemon that was just forked needs two rounds on a slow router; more is none. */
const rowTries = 4;
/** ubus statuses of a device or object that is not (any more) there: invalid argument, not found, no data. */
const missing = [2, 4, 5];

/** For each login. (Their order is the whole rule: the first has fresh 64-bit values of exactly the devices asked.) */
export function rpcRoutes(): readonly Route[] {
	return [deviceStatusRoute, networkDevicesRoute, realtimeRoute()];
}

/** Its right came to LuCI with 25.12; docs/examples/rpcd-acl-netmon.json gives it to any. */
const deviceStatusRoute: Route = {
	name: 'network.device status',
	object: 'network.device',
	method: 'status',
	counterBits: 64,
	async read(desk, devices) {
		const calls = devices.map((name) => ({ object: this.object, method: this.method, args: { name } }));
		const answer = await ask(desk, calls);
		return answer && reading(devices, answer.mono, (name, i) => answer.data[i] && deviceStatus(answer.data[i], name));
	},
};

/** From 19.07 on, for whoever may see LuCI's status page. */
const networkDevicesRoute: Route = {
	name: 'luci-rpc getNetworkDevices',
	object: 'luci-rpc',
	method: 'getNetworkDevices',
	counterBits: 64,
	async read(desk, devices) {
		const answer = await ask(desk, [{ object: this.object, method: this.method, args: {} }]);
		return answer && reading(devices, answer.mono, (name) => answer.data[0] && networkDevice(answer.data[0], name));
	},
};

/** luci-bwc's rows, up to a second old. */
function realtimeRoute(): Route {
	const freshness = new Freshness();
	const [object, method] = ['luci', 'getRealtimeStats'];
	return {
		name: `${object} ${method}`,
		object,
		method,
		counterBits: 64,
		read: (desk, devices) =>
			freshRows(desk, freshness, devices, async () => {
				const calls = devices.map((device) => ({ object, method, args: { mode: 'interface', device } }));
				const answer = await ask(desk, calls);
				return answer && { mono: answer.mono, rows: devices.map((name, i) => lastRow(answer.data[i]?.result, name)) };
			}),
	};
}

/** Asks until rows are of now: at first they may be those of hours ago. A stale row is no sample. */
export async function freshRows(
	desk: LuciDesk,
	freshness: Freshness,
	devices: readonly string[],
	ask: () => Promise<{ readonly rows: readonly (Row | null)[]; readonly mono: number } | null>,
): Promise<Reading | null> {
	const { clock, signal, host } = desk.talk;
	for (let tries = 1; ; tries++) {
		const answer = await ask();
		if (!answer) return null;
		const { rows, mono } = answer;
		const fresh = rows.filter((row, i) => row !== null && freshness.isFresh(devices[i]!, row, mono));
		if (fresh.length === devices.length || (fresh.length > 0 && tries === rowTries)) {
			return { counters: fresh.map((row) => row!.counters), mono };
		}
		if (tries === rowTries) throw luciErrors.stale(host, devices.join(', '));
		await sleep(clock, nextRowMs, signal);
	}
}

/** The data of each call, null where the device is not there; null at large where the call is not. */
async function ask(
	desk: LuciDesk,
	calls: readonly RpcCall[],
): Promise<{ readonly data: readonly (JsonObject | null)[]; readonly mono: number } | null> {
	const answer = await desk.call(calls);
	if (!answer) return null;
	if (answer.replies.some((reply) => reply.kind === 'error' && reply.code === objectNotFound)) return null;
	return { data: answer.replies.map((reply, i) => dataOf(reply, calls[i]!, desk.talk.host)), mono: answer.mono };
}

function dataOf(reply: RpcReply, { object, method }: RpcCall, host: string): JsonObject | null {
	if (reply.kind === 'data') return reply.data;
	if (reply.kind === 'status' && missing.includes(reply.status)) return null;
	const why = reply.kind === 'status' ? `ubus status ${reply.status}` : `JSON-RPC error ${reply.code}`;
	throw luciErrors.badAnswer(host, `${object} ${method}`, why);
}

function reading(
	devices: readonly string[],
	mono: number,
	of: (name: string, index: number) => DeviceCounters | null | undefined,
): Reading {
	return { counters: devices.flatMap((name, i) => of(name, i) ?? []), mono };
}
