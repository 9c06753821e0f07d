// What can go wrong with LuCI, each with a sentence that tells what to do. No secrets: a host, a user name and a
// call's name at most. docs/luci.md explains each sentence.
import { HttpError } from '../system/httperror.ts';

export type LuciErrorCode =
	| 'unreachable'
	| 'certificate'
	| 'redirect'
	| 'not-luci'
	| 'password'
	| 'second-factor'
	| 'forbidden'
	| 'no-right'
	| 'away'
	| 'bad-answer'
	| 'stale'
	| 'no-device'
	| 'stopped';

export class LuciError extends Error {
	readonly code: LuciErrorCode;
	/** With code `certificate`: the fingerprint that was seen. */
	readonly fingerprint: string | null;

	constructor(code: LuciErrorCode, message: string, fingerprint: string | null = null) {
		super(message);
		this.code = code;
		this.fingerprint = fingerprint;
	}
}

export const luciErrors = {
	http(error: HttpError): LuciError {
		const { code, message, fingerprint } = error;
		if (code === 'stopped') return new LuciError('stopped', 'LuCI: stopped');
		if (code !== 'certificate') return new LuciError('unreachable', `LuCI: ${message}`);
		const advice = `if that is your router, set luci_certificate (--luci-certificate) to it`;
		return new LuciError(code, `LuCI: ${message}; its SHA-256 fingerprint is ${fingerprint}: ${advice}`, fingerprint);
	},
	redirect: (host: string, to: string) =>
		new LuciError('redirect', `LuCI: ${host} sends us to ${to} instead: if that is the router, put it into luci_url`),
	notLuci: (base: string) =>
		new LuciError(
			'not-luci',
			`no LuCI at ${base}: neither /ubus nor /cgi-bin/luci answers as LuCI does; check luci_url`,
		),
	password: (host: string, user: string) =>
		new LuciError(
			'password',
			`LuCI: ${host} refuses user ${JSON.stringify(user)} with this password: check luci_username and luci_password`,
		),
	secondFactor: (host: string, field: string) =>
		new LuciError(
			'second-factor',
			`LuCI: the login page of ${host} asks for a second factor (${JSON.stringify(field)}), which netmon has not: ` +
				'install uhttpd-mod-ubus on the router, or log in as a user without one',
		),
	forbidden: (host: string, what: string) =>
		new LuciError(
			'forbidden',
			`LuCI: ${host} answers 403 to ${what}: its web server refuses this machine (rfc1918_filter in /etc/config/uhttpd?)`,
		),
	noRight: (host: string, user: string, call: string) =>
		new LuciError(
			'no-right',
			`LuCI: ${host} lets ${JSON.stringify(user)} log in, but not call ${call}: copy docs/examples/rpcd-acl-netmon.json ` +
				'to the router as /usr/share/rpcd/acl.d/netmon.json and run /etc/init.d/rpcd reload there',
		),
	away: (host: string, why: string) =>
		new LuciError('away', `LuCI: rpcd or LuCI on ${host} is not ready (${why}): netmon comes back later`),
	badAnswer: (host: string, what: string, why: string) =>
		new LuciError('bad-answer', `LuCI: ${host} answers ${what} with ${why}`),
	stale: (host: string, device: string) =>
		new LuciError(
			'stale',
			`LuCI: ${host} has no fresh figures of ${device} (its luci-bwc does not run, or no such device)`,
		),
	noDevice: (host: string) =>
		new LuciError(
			'no-device',
			`LuCI: ${host} does not tell which device is the WAN: name it with wan_device (--wan-device)`,
		),
	stopped: () => new LuciError('stopped', 'LuCI: stopped'),
} as const;

/** Anything thrown while talking to the router, as a `LuciError`; a defect of ours keeps no text of the router's. */
export function asLuciError(error: unknown): LuciError {
	if (error instanceof LuciError) return error;
	if (error instanceof HttpError) return luciErrors.http(error);
	return new LuciError('bad-answer', `LuCI: ${error instanceof Error ? error.name : 'error'} while reading the answer`);
}
