// Who may speak to the UDP server: sources on a local subnet that is not the WAN, with an address of the LAN's kind.
import { type AddressKind, addressKind, parseAddress } from '../system/address.ts';
import { type LocalAddress, ownerOf } from '../system/network.ts';

/** Why a source was turned away. */
export type SourceRefusal = 'bad source' | 'not private' | 'not local' | 'wan';

const taken: readonly AddressKind[] = ['private', 'link-local', 'unique-local', 'loopback'];
const never: readonly AddressKind[] = ['multicast', 'broadcast', 'unspecified'];

/** null: it may speak. Loopback is this machine's own: the kernel drops it when it comes from outside. */
export function refuseSource(
	from: { readonly address: string; readonly port: number },
	locals: readonly LocalAddress[],
	wanDevices: readonly string[],
): SourceRefusal | null {
	const source = parseAddress(from.address);
	if (!source || from.port === 0) return 'bad source';
	const kind = addressKind(source);
	if (never.includes(kind)) return 'bad source';
	if (!taken.includes(kind)) return 'not private';
	const owner = ownerOf(source, locals, wanDevices);
	if (!owner) return 'not local';
	if (wanDevices.includes(owner.device)) return 'wan';
	return locals.some((local) => local.broadcast === from.address) ? 'bad source' : null;
}
