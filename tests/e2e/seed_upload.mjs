import { readFile, stat } from "node:fs/promises";

const apiKey = process.env.AUDIOLASSO_API_KEY;
const filePath = "./song.wav";
const fileName = "song.wav";
const contentType = "audio/wav";
const fileSize = (await stat(filePath)).size;

const uploadRes = await fetch("https://audiolasso.dev/v1/files", {
  method: "POST",
  headers: {
    Authorization: `Bearer ${apiKey}`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    file_name: fileName,
    content_type: contentType,
    file_size: fileSize,
    purpose: "audio.separate.input",
  }),
});

if (!uploadRes.ok) throw new Error(await uploadRes.text());
const upload = await uploadRes.json();

const bytes = await readFile(filePath);
const putRes = await fetch(upload.upload_url, {
  method: upload.upload_method,
  headers: upload.headers,
  body: bytes,
});

if (!putRes.ok) throw new Error(`Upload failed: ${putRes.status}`);

const submitRes = await fetch("https://audiolasso.dev/v1/queue/audio/separate", {
  method: "POST",
  headers: {
    Authorization: `Bearer ${apiKey}`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    input: {
      file_id: upload.file_id,
      prompt: "isolate the lead vocal",
    },
  }),
});

console.log(await submitRes.json());
