"""The networks that divide a mixture among sound classes, behind one protocol; a file of weights says which one it is for."""
