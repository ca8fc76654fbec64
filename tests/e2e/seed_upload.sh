curl -X POST https://audiolasso.dev/v1/files \
  -H "Authorization: Bearer $AUDIOLASSO_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "file_name": "song.wav",
    "content_type": "audio/wav",
    "file_size": 12345678,
    "purpose": "audio.separate.input"
  }'
# ---
curl -X PUT "$UPLOAD_URL" \
  -H "content-type: audio/wav" \
  --data-binary @song.wav
# ---
curl -X POST https://audiolasso.dev/v1/queue/audio/separate \
  -H "Authorization: Bearer $AUDIOLASSO_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "input": {
      "file_id": "file_01jabc",
      "prompt": "isolate the lead vocal"
    }
  }'
