"""torchaudio's Hybrid Demucs behind the engine's seam (Défossez, "Hybrid Spectrogram and Waveform Source Separation", 2021)."""
