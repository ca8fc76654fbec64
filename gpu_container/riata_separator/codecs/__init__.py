"""Media files: decoding in a confined child process, writing WAV and MP3, giving a video its new sound."""
