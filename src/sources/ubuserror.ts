// Why a ubus call failed, in words a user can act on. `code` tells programs the same.

/** Status codes of ubus (openwrt/ubus, ubusmsg.h); the place in the list is the number. */
export const ubusStatus = [
	'ok',
	'invalid command',
	'invalid argument',
	'method not found',
	'not found',
	'no data',
	'permission denied',
	'timeout',
	'not supported',
	'unknown error',
	'connection failed',
	'out of memory',
	'parse error',
	'system error',
] as const;

export const statusInvalidArgument = 2;
export const statusNotFound = 4;
export const statusNoData = 5;
const statusDenied = 6;
export const statusUnknown = 9;

/** A status of ubus by its number, or what happened on our side of the socket. */
export type UbusErrorCode = number | 'no answer' | 'not connected' | 'empty world' | 'stopped';

export class UbusError extends Error {
	readonly code: UbusErrorCode;

	constructor(code: UbusErrorCode, message: string) {
		super(message);
		this.name = 'UbusError';
		this.code = code;
	}
}

/** Where the rights of a user who is not root stand, and how ubusd learns of them. */
const aclAdvice = 'install /usr/share/acl.d/netmon.json (see docs/wan.md), then run: killall -HUP ubusd';

/** The owner of `path` or ubusd answered `status` to the call of `method`. */
export function statusError(status: number, path: string, method: string): UbusError {
	const name = ubusStatus[status] ?? 'not a status this program knows';
	const said = `ubus ${path} ${method}: status ${status}, ${name}`;
	if (status === statusDenied) return new UbusError(status, `${said}: this user lacks the right: ${aclAdvice}`);
	return new UbusError(status, said);
}

/** A user without any right sees no object at all, as if nothing ran. */
export function emptyWorldError(): UbusError {
	return new UbusError('empty world', `ubus shows this user no object at all: it has no rights: ${aclAdvice}`);
}

/** Others are there, or this one was, and now it is not: its owner is not running, or the ACL file leaves it out. */
export function missingObjectError(path: string): UbusError {
	return new UbusError(
		statusNotFound,
		`ubus has no object ${path} for this user: its owner (netifd) is not running, or /usr/share/acl.d/netmon.json does not name it`,
	);
}

/** No socket could be opened; `error` is what the last path said. */
export function connectError(paths: readonly string[], error: NodeJS.ErrnoException): UbusError {
	const where = paths.join(' or ');
	const why: Record<string, string> = {
		ENOENT: `there is no ubus socket at ${where}: this is not OpenWrt, or ubusd is not running, or a container hides it`,
		ECONNREFUSED: `nobody listens on the ubus socket at ${where}: ubusd is not running`,
		EACCES: `this user may not open the ubus socket at ${where}: its mode should be 0666`,
	};
	return new UbusError('not connected', why[error.code ?? ''] ?? `the ubus socket at ${where}: ${error.message}`);
}

/** ubusd closes at once on a uid or gid that has no name. */
export function noHelloError(path: string): UbusError {
	const who = process.getuid ? `uid ${process.getuid()}, gid ${process.getgid?.()}` : 'this user';
	return new UbusError(
		'not connected',
		`ubusd closed the connection at ${path} before its HELLO: ${who} has no entry in /etc/passwd or /etc/group; run as a user that has both`,
	);
}
