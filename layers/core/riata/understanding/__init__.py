"""Understanding prompts: free text → wanted and removed sound classes. Standard library only, light to import."""

from riata.understanding.understanding import Understanding, understand

__all__ = ["Understanding", "understand"]
