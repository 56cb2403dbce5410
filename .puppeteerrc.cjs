// whatsapp-web.js uses the Chromium that is installed on the machine; nothing is downloaded with it.
module.exports = { skipDownload: true };
