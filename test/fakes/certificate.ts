// A self-signed certificate in the form OpenWrt makes at its first start (EC P-256, CN and SAN "OpenWrt").
// Made for tests only; it guards nothing.
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBqjCCAU+gAwIBAgIUXJxrMFhkzksi/13ykxF1zZg8w2gwCgYIKoZIzj0EAwIw
HzEQMA4GA1UEAwwHT3BlbldydDELMAkGA1UEBhMCWlowIBcNMjYxMTIzMDUwODE3
WhgPMjEyNjEwMzAwNTA4MTdaMB8xEDAOBgNVBAMMB09wZW5XcnQxCzAJBgNVBAYT
AlpaMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5CFg/YWAMhWubcsD7Y9sn24Q
9fZEmhFVTvwHJOXuOobcNL93qwApiPIUZ1vhNwCLDS5qWkJS8FaqIMfWYiE7CaNn
MGUwHQYDVR0OBBYEFNwmkAM91WsheshgqG1Uuj1CAFDBMB8GA1UdIwQYMBaAFNwm
kAM91WsheshgqG1Uuj1CAFDBMA8GA1UdEwEB/wQFMAMBAf8wEgYDVR0RBAswCYIH
T3BlbldydDAKBggqhkjOPQQDAgNJADBGAiEAsPBcazva8qMlk2sWYnPr7tR7K7AB
vyUeHM6NmD8/WdECIQD8K0Vmsn1DEIfxOlE02tYFjmz09sbKm95hVFBzbXhpIw==
-----END CERTIFICATE-----
`;

export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJJ2bs5Ejg2Mrb6Wd
IAs7dgtSoUiM8iChSieEVoh52fGhRANCAATkIWD9hYAyFa5tywPtj2yfbhD19kSa
EVVO/Ack5e46htw0v3erACmI8hRnW+E3AIsNLmpaQlLwVqogx9ZiITsJ
-----END PRIVATE KEY-----
`;

/** SHA-256 of `certificate`, as openssl told it. */
export const fingerprint =
	'17:54:C7:5A:08:09:5E:AC:45:22:0E:0C:35:A0:B7:07:49:E0:BA:2E:D6:97:94:65:65:BA:B6:87:F6:5D:89:41';
