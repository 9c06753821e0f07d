// The token, for as long as this tab is open. It goes out in the header Authorization and nowhere else.

const key = 'netmon.token';

export const token = (): string | null => sessionStorage.getItem(key);
export const keepToken = (text: string): void => sessionStorage.setItem(key, text);
export const dropToken = (): void => sessionStorage.removeItem(key);
