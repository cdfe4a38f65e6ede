#!powershell
